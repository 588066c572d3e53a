import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SampleSettings } from '../samples/engine.js';
import {
  type Comparison,
  curveNames,
  type Imported,
  importDrafts,
  joined,
  type Layout,
  loadSamples,
  measures,
  type NamedBlob,
  ReadError,
  readTableText,
  recognise,
  sampleReport,
  tableText,
  withChoice,
} from '../samples/load.js';
import { numberOf, refuse, shardOf } from './arguments.js';
import { bytesIn } from './input.js';
import { reasonOf } from './printing.js';
import { arranged, readShare, type Share, type ShareFile, sealed } from './shares.js';

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
  '--count': 'count',
} as const;

interface SampleArguments {
  files: string[];
  columns: Partial<Layout['columns']>;
  scores: Layout['scores'] | null;
  run: string | null;
  drop: boolean;
  shard: [index: number, of: number] | null;
  settings: SampleSettings;
}

/** Two curves and what they are compared by, as `majority,best_of_n,gold`. */
function comparisonOf(option: string, value: string | undefined): Comparison {
  const [first, second, of = 'gold', ...more] = (value ?? '').split(',');
  const isOne = <T extends string>(list: readonly T[], x: string | undefined): x is T => list.includes(x as T);
  if (more.length > 0 || !isOne(curveNames, first) || !isOne(curveNames, second))
    return refuse(option, value, `is not two of ${curveNames.join(', ')}, as majority,best_of_n,gold`);
  if (!isOne(measures, of)) return refuse(option, value, `does not end in one of ${measures.join(', ')}`);
  return { first, second, of };
}

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
    case '--shard':
      into.shard = shardOf(option, value);
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
    case '--compare':
      settings.compare = comparisonOf(option, value);
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
  const out: SampleArguments = {
    files: [],
    columns: {},
    scores: null,
    run: null,
    drop: false,
    shard: null,
    settings: {},
  };
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
  let names: string[];
  try {
    if (!statSync(path).isDirectory()) return [path];
    names = readdirSync(path).filter((name) => /\.(csv|tsv|jsonl|ndjson|json|ya?ml|parquet)$/i.test(name));
  } catch (error) {
    throw new ReadError(`${path}: ${reasonOf(error)}`);
  }
  if (names.length === 0) throw new ReadError(`${path}: is a folder without files of drafts`);
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((name) => join(path, name));
}

/** Options that shares and the whole have in common, and the files that they are of. */
async function importAll(args: SampleArguments) {
  const paths = args.files.flatMap(filesOf);
  const mine = args.shard ? paths.filter((_, i) => isOf(i, paths.length, args.shard as [number, number])) : paths;
  if (mine.length === 0) refuse('--shard', args.shard?.join('/'), `has none of ${paths.length} files`);
  // Each once: a pipe has nothing more to say.
  const known = new Map<string, NamedBlob>();
  const open = (path: string): NamedBlob => {
    const file = known.get(path) ?? { name: basename(path), blob: bytesIn(path) };
    known.set(path, file);
    return file;
  };
  // What is recognised is that of the first of all files, whoever reads the others.
  const first = open(paths[0] as string);
  const { layout: guessed, columns } = await recognise([first]);
  for (const [role, name] of Object.entries(args.columns)) {
    if (!columns.some((column) => column.name === name))
      refuse(
        Object.entries(columnOptions).find(([, each]) => each === role)?.[0] ?? role,
        name ?? undefined,
        `is no column; there are ${columns.map((column) => column.name).join(', ')}`,
      );
  }
  const layout: Layout = {
    ...withChoice(columns, guessed, args.columns),
    scores: args.scores ?? guessed.scores,
    run: args.run,
  };
  const imported = await importDrafts(mine.map(open), layout);
  const [refused] = imported.refused;
  if (refused && !args.drop)
    throw new ReadError(
      `${refused.first}: ${refused.reason} (${refused.count} such row${refused.count === 1 ? '' : 's'}; --drop leaves them out)`,
    );
  return { layout, imported };
}

/** The i-th of k runs of neighbouring files: so prompts come in the order of one run. */
const isOf = (file: number, files: number, [i, k]: readonly [number, number]) =>
  Math.floor((file * k) / files) === i - 1;

/** The report of files of scored drafts. @throws ReadError, TiltLabError */
export async function samplesCommand(args: readonly string[]): Promise<unknown> {
  const parsed = readSampleArguments(args);
  if (parsed.shard) return samplesShard(parsed);
  const { layout, imported } = await importAll(parsed);
  return sampleReport(await loadSamples(), imported, layout, parsed.settings);
}

/** A share of the files: their drafts as a table, with all that a merge must agree on. */
interface SampleShard extends Share {
  tiltlab: 'drafts';
  layout: Layout;
  settings: SampleSettings;
  rows: number;
  refused: Imported['refused'];
  table: string;
}

async function samplesShard(parsed: SampleArguments): Promise<SampleShard> {
  const { layout, imported } = await importAll(parsed);
  if (imported.runs.length > 1 && layout.run === null)
    refuse(
      '--run',
      undefined,
      `is not one of ${imported.runs.slice(0, 20).join(', ')}: each share has its own last one`,
    );
  const engine = await loadSamples();
  engine.read(imported.table);
  return sealed<SampleShard>({
    tiltlab: 'drafts',
    engine: engine.version,
    shard: parsed.shard as [number, number],
    layout,
    settings: parsed.settings,
    rows: imported.rows,
    refused: imported.refused,
    table: tableText(engine, imported.table.prompts),
    sum: '',
  });
}

/** Refusals of all shares, by reason, as one run counts them. */
function allRefused(parts: readonly SampleShard[]): Imported['refused'] {
  const all = new Map<string, Imported['refused'][number]>();
  for (const { reason, count, first } of parts.flatMap(({ refused }) => refused)) {
    const known = all.get(reason);
    if (known) known.count += count;
    else all.set(reason, { reason, count, first });
  }
  return [...all.values()].sort((a, b) => b.count - a.count);
}

const isLike = (one: SampleShard, other: SampleShard) =>
  JSON.stringify([one.layout, one.settings]) === JSON.stringify([other.layout, other.settings]);

/** The report of all shares: the very bytes of one run. @throws ReadError naming what is missing, double, foreign or damaged */
export async function mergeSamples(files: readonly ShareFile[]): Promise<unknown> {
  const engine = await loadSamples();
  const parts = files.map((each) => ({
    file: each.file,
    part: readShare<SampleShard>(each, 'drafts', engine.version),
  }));
  const all = arranged(parts, isLike, (index, of) => `share ${index} of ${of} is in none of the files`);
  const [{ layout, settings }] = all as [SampleShard];
  const imported: Imported = {
    table: joined(all.map(({ table }) => readTableText(table))),
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    refused: allRefused(all),
    runs: [''],
  };
  return sampleReport(engine, imported, layout, settings);
}
