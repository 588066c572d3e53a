import { Worker } from 'node:worker_threads';
import {
  type Block,
  blocksOf,
  blocksOfShard,
  type Engine,
  onWorkers,
  type Pool,
  parseScenario,
  replicatesIn,
  type Scenario,
} from '../engine/index.js';
import type { BlockReply, BlockWorker } from '../engine/simulation.js';
import { ReadError, tableDigest } from '../samples/load.js';
import { stated } from '../scenario/number.js';
import { integer, refuse, shardOf } from './arguments.js';
import { bar } from './bar.js';
import { arranged, type Placed, readShare, type Share, type ShareFile, sealed } from './shares.js';
import { defaultWorkers, mostWorkers, onThread } from './workers.js';

/** A number that JSON has, or its name: sums may be infinite. */
type Written = number | string;

/** What a shard leaves for `merge`. */
interface Shard extends Share {
  tiltlab: 'shard';
  scenario: Scenario;
  /** Of the scenario. */
  digest: string;
  /** Those of its blocks. */
  replicates: number;
  blocks: [index: number, ...sums: Written[]][];
}

const written = (x: number): Written => (Number.isFinite(x) && !Object.is(x, -0) ? x : stated(x));
const read = (x: Written): number => (typeof x === 'number' ? x : Number(x));
const digestOf = (scenario: Scenario): string => tableDigest(JSON.stringify(scenario));

function nodeWorker(): BlockWorker {
  const worker = onThread<object, BlockReply>(new Worker(new URL('./worker.js', import.meta.url)));
  let sent: Scenario | null = null;
  return {
    ...worker,
    post({ scenario, ...message }) {
      worker.post(scenario === sent ? message : { ...message, scenario });
      sent = scenario;
    },
  };
}

export interface SimulateArguments {
  source: string;
  scenario: object;
  shard: [number, number] | null;
  workers: number;
}

/** Options of `simulate`; those that the scenario also has override it. */
export function readArguments(args: readonly string[]): SimulateArguments {
  const sources: string[] = [];
  const scenario: Record<string, unknown> = {};
  let shard: [number, number] | null = null;
  let workers = defaultWorkers();
  for (let k = 0; k < args.length; k++) {
    const argument = args[k] as string;
    if (!argument.startsWith('--')) {
      sources.push(argument);
      continue;
    }
    if (argument === '--json') continue;
    const [option = '', given] = argument.split(/=(.*)/s);
    const value = given ?? args[++k];
    switch (option) {
      case '--seed':
        scenario.seed = integer(option, value, 0, Number.MAX_SAFE_INTEGER);
        break;
      case '--replicates':
        scenario.replicates = integer(option, value, 1, 100_000_000);
        break;
      case '--method':
        scenario.method = ['tokens', 'types', 'order'].includes(value ?? '')
          ? value
          : refuse(option, value, 'is not one of tokens, types, order');
        break;
      case '--workers':
        workers = integer(option, value, 1, mostWorkers);
        break;
      case '--shard':
        shard = shardOf(option, value);
        break;
      default:
        refuse(option, undefined, 'is no option; known are --seed, --replicates, --method, --workers, --shard, --json');
    }
  }
  if (sources.length !== 1)
    refuse(
      'simulate',
      sources.length === 0 ? undefined : sources.join(' '),
      'is not one FILE or LINK, or - for standard input',
    );
  return { source: sources[0] as string, scenario, shard, workers };
}

const poolOf = (workers: number): Pool => onWorkers(nodeWorker, workers);

/** Runs a scenario, or one share of it, and returns what is printed. */
export async function simulateCommand(
  engine: Engine,
  parsed: Scenario,
  { shard, workers }: SimulateArguments,
): Promise<object> {
  const scenario = parseScenario(parsed);
  engine.simulateBlock(scenario, -1);
  const { count } = blocksOf(scenario);
  const mine = shard ? blocksOfShard(scenario, ...shard) : Array.from({ length: count }, (_, k) => k);
  const done: Block[] = [];
  const total = replicatesIn(scenario, mine);
  const show = bar(total, 'replicates');
  let drawn = 0;
  await poolOf(workers).run(scenario, mine, (block) => {
    done.push(block);
    drawn += replicatesIn(scenario, [block.index]);
    show({ share: done.length / mine.length, count: drawn });
  });
  if (!shard) return engine.summarise(scenario, done);
  return sealed<Shard>({
    tiltlab: 'shard',
    engine: engine.version,
    scenario,
    digest: digestOf(scenario),
    shard,
    replicates: total,
    blocks: done.sort((a, b) => a.index - b.index).map(({ index, sums }) => [index, ...sums.map(written)]),
    sum: '',
  });
}

/** Whether a shard holds what one of its index would, of blocks of `size` sums. */
function isWhole({ scenario, digest, shard, replicates, blocks }: Shard, size: number): boolean {
  const mine = blocksOfShard(scenario, ...shard);
  return (
    digest === digestOf(scenario) &&
    replicates === replicatesIn(scenario, mine) &&
    JSON.stringify(blocks.map(([index]) => index)) === JSON.stringify(mine) &&
    blocks.every(([, ...sums]) => sums.length === size && sums.every((x) => x === written(read(x))))
  );
}

/** The result of all shards: the very bytes of one run. @throws ReadError naming what is missing, double, foreign or damaged */
export function mergeCommand(engine: Engine, files: readonly ShareFile[]): object {
  const parts = files.map((each) => ({ file: each.file, part: readShare<Shard>(each, 'shard', engine.version) }));
  const [first] = parts as [Placed<Shard>];
  const scenario = parseScenario(first.part.scenario);
  const { count } = blocksOf(scenario);
  const all = arranged(
    parts,
    (one, other) => JSON.stringify(one.scenario) === JSON.stringify(other.scenario),
    // With more shares than blocks some hold none.
    (index, of) =>
      index % of < count
        ? `block ${index % of} of ${count} is in none of the files; a shard is missing`
        : `share ${index} of ${of} is in none of the files`,
  );
  const size = (all.find(({ blocks }) => blocks.length > 0)?.blocks[0]?.length ?? 1) - 1;
  for (const { file, part } of parts)
    if (!isWhole(part, size)) throw new ReadError(`${file}: does not hold share ${part.shard.join(' of ')}`);
  return engine.summarise(
    scenario,
    all.flatMap(({ blocks }) => blocks.map(([index, ...sums]) => ({ index, sums: sums.map(read) }))),
  );
}
