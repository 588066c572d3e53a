import { readFileSync } from 'node:fs';
import { TiltLabError } from '../engine/index.js';
import type { Generation } from '../language/engine.js';
import { modelDigest } from '../language/language-link.js';
import { loadLanguage } from '../language/load.js';
import { needsLexicon, rewardOf, type TextReward } from '../language/reward.js';
import { drawScenario, parseLanguageScenario } from '../language/scenario.js';
import { loadSamples, scenarioReport } from '../samples/load.js';
import { numberOf, refuse } from './arguments.js';
import { wholeIn } from './input.js';
import { shownText } from './printing.js';

interface GenerateArguments {
  /** Of both files; null: the model of the package. */
  files: { checkpoint: string; tokenizer: string } | null;
  json: boolean;
  reward: TextReward | null;
  settings: Generation;
}

const numbers = { '--length': 'length', '--n': 'n', '--seed': 'seed', '--temperature': 'temperature' } as const;
const texts = ['--checkpoint', '--tokenizer', '--prompt', '--reward'] as const;

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
  const { '--checkpoint': checkpoint, '--tokenizer': tokenizer, '--reward': reward } = given;
  const isOwn = checkpoint === undefined && tokenizer === undefined;
  return {
    files: isOwn
      ? null
      : {
          checkpoint: checkpoint || refuse('--checkpoint', checkpoint, 'is not a file'),
          tokenizer: tokenizer || refuse('--tokenizer', tokenizer, 'is not a file'),
        },
    json,
    reward: reward === undefined ? null : rewardOf(reward, '--reward'),
    settings: { ...settings, prompt: given['--prompt'] ?? '' },
  };
}

/** Bytes of a file that the engine would read. */
const mostBytes = 2 ** 28;

function bytesOf(option: string, path: string): Uint8Array {
  try {
    return wholeIn(path, mostBytes);
  } catch (error) {
    if (!(error instanceof TiltLabError)) throw error;
    const reason = error.message.slice(path.length + 2);
    return refuse(option, path, reason === 'no such file' ? 'is no file' : reason);
  }
}

/** A terminal is not to obey what a model writes; a file holds it as it is. */
const plain = (text: string) => (process.stdout.isTTY ? shownText(text) : text);

/** Drafts that are drawn between two of what is printed: one call of the engine holds at most 64 side by side. */
const together = 1024;

/** A file of the package, beside the folder of the command. */
const packaged = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url));

/** A language model with a model and, where the reward asks for it, the lexicon. */
async function engineOf(files: GenerateArguments['files'], reward: TextReward | null) {
  const engine = await loadLanguage();
  const checkpoint = files ? bytesOf('--checkpoint', files.checkpoint) : packaged('moby-dick-model.bin');
  const tokenizer = files ? bytesOf('--tokenizer', files.tokenizer) : packaged('moby-dick-tokenizer.bin');
  engine.read(checkpoint, tokenizer);
  if (reward && needsLexicon(reward)) engine.readLexicon(packaged('vader-lexicon.tsv').toString());
  return { engine, model: await modelDigest(checkpoint) };
}

/** The report of a scenario whose model is a language model: of its drafts, with what tells them apart. @throws TiltLabError */
export async function languageReport(data: unknown) {
  const scenario = parseLanguageScenario(data);
  const { checkpoint, tokenizer = '', reward } = scenario.model;
  const { engine, model } = await engineOf(checkpoint === undefined ? null : { checkpoint, tokenizer }, reward);
  const { rows, digest } = drawScenario(engine, scenario);
  const { budget, simulation } = scenario;
  const report = scenarioReport(await loadSamples(), {
    v: 1,
    model: { kind: 'samples', rows },
    ...(budget === undefined ? {} : { budget }),
    simulation: { seed: simulation?.seed ?? 1 },
  });
  return { ...report, language_model: { model, drafts: rows.length, digest } };
}

/**
 * Draws texts and hands them to `print`: each after its prompt with a line's end, after its reward and a tab where one is
 * asked for; or as a row {prompt, reward, text, logprob} of JSON lines. @throws TiltLabError
 */
export async function generateCommand(
  args: readonly string[],
  print: (text: string) => Promise<boolean>,
): Promise<void> {
  const { files, json, reward, settings } = readGenerateArguments(args);
  const { engine } = await engineOf(files, reward);
  // Before anything is drawn: a reward that is none is said at once.
  if (reward) engine.rewards(reward, []);
  const { prompt = '', n = 1 } = settings;
  for (let first = 0; first < n || first === 0; first += together) {
    const drafts = engine.generate({ ...settings, first, n: Math.min(together, n - first) });
    const texts = drafts.map(({ text }) => text);
    const rewards = reward ? engine.rewards(reward, texts) : null;
    for (const [i, { text, logprob }] of drafts.entries()) {
      const value = rewards?.[i];
      const line = json
        ? shownText(`${JSON.stringify({ prompt, reward: value, text, logprob })}\n`)
        : plain(`${value === undefined ? '' : `${value}\t`}${prompt}${text}\n`);
      // Nobody reads on.
      if (!(await print(line))) return;
    }
  }
}
