import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TiltLabError } from '../engine/index.js';
import type { SampleSettings } from '../samples/engine.js';
import {
  importDrafts,
  type Layout,
  loadSamples,
  ReadError,
  recognise,
  sampleReport,
  withChoice,
} from '../samples/load.js';

/** Options that name a column, and the role that it gets. */
const columnOptions = {
  '--prompt': 'prompt',
  '--reward': 'reward',
  '--gold': 'gold',
  '--logprob': 'logprob',
  '--answer': 'answer',
  '--text': 'text',
  '--length': 'length',
  '--run-column': 'run',
} as const;

interface SampleArguments {
  files: string[];
  columns: Partial<Layout['columns']>;
  scores: Layout['scores'] | null;
  run: string | null;
  drop: boolean;
  settings: SampleSettings;
}

const refuse = (option: string, value: string | undefined, rule: string): never => {
  const given = value === undefined ? 'nothing' : JSON.stringify(value);
  throw new TiltLabError('input', `${option}: ${given} ${rule}`, option);
};

const numberOf = (option: string, value: string | undefined, fits: (x: number) => boolean, rule: string): number => {
  const x = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  return fits(x) ? x : refuse(option, value, rule);
};

/** One option, with its value. */
function take(into: SampleArguments, option: string, value: string | undefined) {
  const positive = (x: number) => x > 0 && Number.isFinite(x);
  if (option in columnOptions) {
    if (!value) refuse(option, value, 'is not the name of a column');
    into.columns[columnOptions[option as keyof typeof columnOptions]] = value as string;
    return;
  }
  const { settings } = into;
  switch (option) {
    case '--scores':
      if (value !== 'last' && value !== 'min' && value !== 'product')
        return refuse(option, value, 'is not one of last, min, product');
      into.scores = value;
      return;
    case '--run':
      into.run = value ?? refuse(option, value, 'is not a run');
      return;
    case '--seed':
      settings.seed = numberOf(
        option,
        value,
        (x) => Number.isSafeInteger(x) && x >= 0,
        'is not an integer of at least 0',
      );
      return;
    case '--price':
      settings.price = numberOf(option, value, (x) => x >= 0 && Number.isFinite(x), 'is not a number of at least 0');
      return;
    case '--n':
      settings.budget = {
        n: numberOf(option, value, (x) => x >= 1 && Number.isFinite(x), 'is not a number of at least 1'),
      };
      return;
    case '--kl':
      settings.budget = {
        kl: numberOf(option, value, (x) => x >= 0 && Number.isFinite(x), 'is not a number of at least 0'),
      };
      return;
    case '--beta':
      settings.budget = { beta: numberOf(option, value, positive, 'is not a number above 0') };
      return;
    default:
      refuse(option, value, 'is no option of --samples');
  }
}

/** What follows `--samples`: files and folders, and options anywhere among them. */
export function readSampleArguments(args: readonly string[]): SampleArguments {
  const out: SampleArguments = { files: [], columns: {}, scores: null, run: null, drop: false, settings: {} };
  for (let k = 0; k < args.length; k++) {
    const argument = args[k] as string;
    if (argument === '--samples' || argument === '--json') continue;
    if (argument === '--drop') out.drop = true;
    else if (!argument.startsWith('--')) out.files.push(argument);
    else {
      const [option = '', given] = argument.split(/=(.*)/s);
      take(out, option, given ?? args[++k]);
    }
  }
  if (out.files.length === 0) refuse('--samples', undefined, 'is not a file');
  return out;
}

/** A file, or those of a folder by name. */
function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch {
    throw new ReadError(`${path}: no such file`);
  }
  const names = readdirSync(path).filter((name) => /\.(csv|tsv|jsonl|ndjson|json|ya?ml|parquet)$/i.test(name));
  if (names.length === 0) throw new ReadError(`${path}: is a folder without files of drafts`);
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((name) => join(path, name));
}

/** The report of files of scored drafts. @throws ReadError, TiltLabError */
export async function samplesCommand(args: readonly string[]): Promise<unknown> {
  const { files: paths, columns, scores, run, drop, settings } = readSampleArguments(args);
  const files = paths.flatMap(filesOf).map((path) => ({ name: basename(path), blob: new Blob([readFileSync(path)]) }));
  const { layout: guessed, columns: known } = await recognise(files);
  for (const [role, name] of Object.entries(columns)) {
    if (!known.some((column) => column.name === name))
      refuse(
        Object.entries(columnOptions).find(([, each]) => each === role)?.[0] ?? role,
        name ?? undefined,
        `is no column; there are ${known.map((column) => column.name).join(', ')}`,
      );
  }
  const layout: Layout = { ...withChoice(known, guessed, columns), scores: scores ?? guessed.scores, run };
  const imported = await importDrafts(files, layout);
  const [first] = imported.refused;
  if (first && !drop)
    throw new ReadError(
      `${first.first}: ${first.reason} (${first.count} such row${first.count === 1 ? '' : 's'}; --drop leaves them out)`,
    );
  return sampleReport(await loadSamples(), imported, layout, settings);
}
