import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SampleSettings } from '../samples/engine.js';
import {
  type Imported,
  importDrafts,
  joined,
  type Layout,
  loadSamples,
  ReadError,
  readTableText,
  recognise,
  sampleReport,
  tableDigest,
  tableText,
  withChoice,
} from '../samples/load.js';
import { numberOf, refuse, shardOf } from './arguments.js';

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
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch {
    throw new ReadError(`${path}: no such file`);
  }
  const names = readdirSync(path).filter((name) => /\.(csv|tsv|jsonl|ndjson|json|ya?ml|parquet)$/i.test(name));
  if (names.length === 0) throw new ReadError(`${path}: is a folder without files of drafts`);
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((name) => join(path, name));
}

/** Options that shares and the whole have in common, and the files that they are of. */
async function importAll(args: SampleArguments) {
  const paths = args.files.flatMap(filesOf);
  const mine = args.shard ? paths.filter((_, i) => isOf(i, paths.length, args.shard as [number, number])) : paths;
  if (mine.length === 0) refuse('--shard', args.shard?.join('/'), `has none of ${paths.length} files`);
  const open = (path: string) => ({ name: basename(path), blob: new Blob([readFileSync(path)]) });
  // What is recognised is that of the first of all files, whoever reads the others.
  const first = open(paths[0] as string);
  const { layout: guessed, columns: known } = await recognise([first]);
  for (const [role, name] of Object.entries(args.columns)) {
    if (!known.some((column) => column.name === name))
      refuse(
        Object.entries(columnOptions).find(([, each]) => each === role)?.[0] ?? role,
        name ?? undefined,
        `is no column; there are ${known.map((column) => column.name).join(', ')}`,
      );
  }
  const layout: Layout = {
    ...withChoice(known, guessed, args.columns),
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
interface SampleShard {
  tiltlab: 'drafts';
  engine: string;
  shard: [index: number, of: number];
  layout: Layout;
  settings: SampleSettings;
  rows: number;
  refused: Imported['refused'];
  table: string;
  /** Of all the rest. */
  sum: string;
}

const sumOf = ({ sum: _, ...rest }: SampleShard): string => tableDigest(JSON.stringify(rest));

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
  const part: SampleShard = {
    tiltlab: 'drafts',
    engine: engine.version,
    shard: parsed.shard as [number, number],
    layout,
    settings: parsed.settings,
    rows: imported.rows,
    refused: imported.refused,
    table: tableText(engine, imported.table.prompts),
    sum: '',
  };
  return { ...part, sum: sumOf(part) };
}

/** Whether a file is what `samples --shard` prints. */
export function isSampleShard(file: string): boolean {
  try {
    return /^\{\s*"tiltlab": ?"drafts"/.test(readFileSync(file, 'utf8').slice(0, 40));
  } catch {
    return false;
  }
}

function readSampleShard(file: string, engine: string): SampleShard {
  let part: SampleShard;
  try {
    part = JSON.parse(readFileSync(file, 'utf8')) as SampleShard;
  } catch (error) {
    throw new ReadError(`${file}: cannot be read (${(error as Error).message.split('\n')[0]})`);
  }
  if (part.tiltlab !== 'drafts') throw new ReadError(`${file}: is not what samples --shard prints`);
  if (part.sum !== sumOf(part)) throw new ReadError(`${file}: is damaged (its check sum is another)`);
  if (part.engine !== engine)
    throw new ReadError(`${file}: its engine ${JSON.stringify(part.engine)} is not ${engine}`);
  return part;
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

/** The report of all shares: the very bytes of one run. @throws ReadError naming what is missing, double, foreign or damaged */
export async function mergeSamples(files: readonly string[]): Promise<unknown> {
  const engine = await loadSamples();
  const parts = files.map((file) => ({ file, part: readSampleShard(file, engine.version) }));
  const first = parts[0] as (typeof parts)[number];
  const [, of] = first.part.shard;
  const found: (SampleShard | undefined)[] = new Array(of).fill(undefined);
  for (const { file, part } of parts) {
    const [index, count] = part.shard;
    const isLike = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other);
    if (count !== of || !isLike(part.layout, first.part.layout) || !isLike(part.settings, first.part.settings))
      throw new ReadError(`${file}: is a share of something else than ${first.file}`);
    if (found[index - 1]) throw new ReadError(`${file}: share ${index} of ${of} is there twice`);
    found[index - 1] = part;
  }
  const missing = found.indexOf(undefined);
  if (missing >= 0) throw new ReadError(`merge: share ${missing + 1} of ${of} is in none of the files`);
  const all = found as SampleShard[];
  const imported: Imported = {
    table: joined(all.map(({ table }) => readTableText(table))),
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    refused: allRefused(all),
    runs: [''],
  };
  return sampleReport(engine, imported, first.part.layout, first.part.settings);
}
