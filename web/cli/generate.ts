import { readFileSync, statSync } from 'node:fs';
import { TiltLabError } from '../engine/index.js';
import type { Generation } from '../language/engine.js';
import { loadLanguage } from '../language/load.js';
import { numberOf, refuse } from './arguments.js';

interface GenerateArguments {
  checkpoint: string;
  tokenizer: string;
  json: boolean;
  settings: Generation;
}

const numbers = { '--length': 'length', '--n': 'n', '--seed': 'seed', '--temperature': 'temperature' } as const;
const texts = ['--checkpoint', '--tokenizer', '--prompt'] as const;

/** What follows `generate`. Ranges are the engine's to check. */
export function readGenerateArguments(args: readonly string[]): GenerateArguments {
  const given: Partial<Record<(typeof texts)[number], string>> = {};
  const settings: Generation = { length: Number.NaN };
  let json = false;
  for (let k = 0; k < args.length; k++) {
    const argument = args[k] as string;
    if (argument === '--json') json = true;
    else if (argument === '--greedy') settings.greedy = true;
    else {
      const [option = '', beside] = argument.split(/=(.*)/s);
      const text = texts.find((name) => name === option);
      if (!text && !(option in numbers)) refuse(argument, undefined, 'is no option of generate');
      const value = beside ?? args[++k];
      if (text) given[text] = value ?? refuse(option, value, 'is not a text');
      else
        settings[numbers[option as keyof typeof numbers]] = numberOf(option, value, Number.isFinite, 'is not a number');
    }
  }
  if (Number.isNaN(settings.length)) refuse('--length', undefined, 'is not a number');
  const { n = 1 } = settings;
  // Before the first of them is printed.
  if (!(Number.isSafeInteger(n) && n >= 1)) refuse('--n', String(n), 'is not an integer of at least 1');
  if (settings.greedy && settings.temperature !== undefined)
    refuse('--temperature', String(settings.temperature), 'is of no use with --greedy');
  return {
    checkpoint: given['--checkpoint'] || refuse('--checkpoint', given['--checkpoint'], 'is not a file'),
    tokenizer: given['--tokenizer'] || refuse('--tokenizer', given['--tokenizer'], 'is not a file'),
    json,
    settings: { ...settings, prompt: given['--prompt'] ?? '' },
  };
}

/** A file's bytes, unless there are more than the engine would read. */
function bytesOf(option: string, path: string): Uint8Array {
  const most = 2 ** 28;
  try {
    const { size } = statSync(path);
    if (size > most) refuse(option, path, `has ${size} bytes, which are more than ${most}`);
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof TiltLabError || code === undefined) throw error;
    return refuse(
      option,
      path,
      code === 'ENOENT' ? 'is no file' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`,
    );
  }
}

/** Drafts that are drawn between two of what is printed: one call of the engine holds at most 64 side by side. */
const together = 1024;

/**
 * Draws texts and hands them to `print`: each after its prompt with a line's end, or as a row {prompt, text, logprob} of
 * JSON lines. @throws TiltLabError
 */
export async function generateCommand(args: readonly string[], print: (text: string) => void): Promise<void> {
  const { checkpoint, tokenizer, json, settings } = readGenerateArguments(args);
  const engine = await loadLanguage();
  engine.read(bytesOf('--checkpoint', checkpoint), bytesOf('--tokenizer', tokenizer));
  const { prompt = '', n = 1 } = settings;
  for (let first = 0; first < n || first === 0; first += together) {
    for (const { text, logprob } of engine.generate({ ...settings, first, n: Math.min(together, n - first) }))
      print(json ? `${JSON.stringify({ prompt, text, logprob })}\n` : `${prompt}${text}\n`);
  }
}
