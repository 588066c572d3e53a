import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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
  TiltLabError,
} from '../engine/index.js';
import type { BlockReply, BlockWorker } from '../engine/simulation.js';
import { refuse, shardOf } from './arguments.js';

/** What a shard leaves for `merge`. */
interface Shard {
  tiltlab: 'shard';
  engine: string;
  scenario: Scenario;
  shard: [index: number, of: number];
  blocks: [index: number, ...sums: number[]][];
}

function nodeWorker(): BlockWorker {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  let sent: Scenario | null = null;
  return {
    post({ scenario, ...message }) {
      worker.postMessage(scenario === sent ? message : { ...message, scenario });
      sent = scenario;
    },
    listen(reply, died) {
      worker.on('message', (message: BlockReply) => reply(message));
      worker.on('error', (error) => died(String(error)));
      worker.on('exit', (code) => died(`exit code ${code}`));
    },
    close: () => void worker.terminate(),
  };
}

const defaultWorkers = () => Math.max(1, Math.min(8, availableParallelism()));

export interface SimulateArguments {
  source: string;
  scenario: object;
  shard: [number, number] | null;
  workers: number;
}

const integer = (option: string, value: string | undefined, least: number, most: number): number =>
  value !== undefined && /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most
    ? Number(value)
    : refuse(option, value, `is not an integer in [${least}, ${most}]`);

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
        workers = integer(option, value, 1, 256);
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

/** A line on standard error that says how far, how fast and how long yet; silent where nobody reads it. */
function bar(total: number) {
  const start = performance.now();
  const width = 28;
  let last = 0;
  return (blocks: number, done: number, replicates: number) => {
    const now = performance.now();
    const seconds = (now - start) / 1000;
    if (!process.stderr.isTTY && blocks < done) {
      // Logs get a line every five seconds.
      if (now - last < 5000) return;
    } else if (now - last < 80 && blocks < done) return;
    last = now;
    const share = blocks / done;
    const filled = Math.round(share * width);
    const left = share > 0 ? (seconds / share) * (1 - share) : 0;
    const line = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${replicates} of ${total} replicates, ${(replicates / Math.max(seconds, 1e-3)).toFixed(0)} a second, ${left.toFixed(0)} s left`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K${blocks === done ? '\n' : ''}` : `${line}\n`);
  };
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
  const show = bar(total);
  let drawn = 0;
  await poolOf(workers).run(scenario, mine, (block) => {
    done.push(block);
    drawn += replicatesIn(scenario, [block.index]);
    show(done.length, mine.length, drawn);
  });
  if (!shard) return engine.summarise(scenario, done);
  const part: Shard = {
    tiltlab: 'shard',
    engine: engine.version,
    scenario,
    shard,
    blocks: done.sort((a, b) => a.index - b.index).map(({ index, sums }) => [index, ...sums]),
  };
  return part;
}

function readShard(file: string): Shard {
  let part: Shard;
  try {
    part = JSON.parse(readFileSync(file, 'utf8')) as Shard;
  } catch (error) {
    throw new TiltLabError(
      'input',
      `${file}: cannot be read (${error instanceof Error ? error.message.split('\n')[0] : error})`,
      file,
    );
  }
  if (part?.tiltlab !== 'shard' || !Array.isArray(part.blocks))
    throw new TiltLabError('input', `${file}: is not what simulate --shard prints`, file);
  return part;
}

/** The result of all shards: the very bytes of one run. */
export function mergeCommand(engine: Engine, files: readonly string[]): object {
  if (files.length === 0) refuse('merge', undefined, 'is not one or more files of simulate --shard');
  const parts = files.map((file) => ({ file, part: readShard(file) }));
  const first = parts[0]?.part as Shard;
  const scenario = parseScenario(first.scenario);
  const blocks = new Map<number, Block>();
  for (const { file, part } of parts) {
    if (JSON.stringify(part.scenario) !== JSON.stringify(first.scenario))
      throw new TiltLabError('input', `${file}: its scenario is not that of ${files[0]}`, file);
    if (part.engine !== engine.version)
      throw new TiltLabError(
        'input',
        `${file}: its engine ${JSON.stringify(part.engine)} is not ${engine.version}`,
        file,
      );
    for (const [index, ...sums] of part.blocks) blocks.set(index, { index, sums });
  }
  const { count } = blocksOf(scenario);
  for (let index = 0; index < count; index++) {
    if (!blocks.has(index))
      throw new TiltLabError(
        'input',
        `merge: block ${index} of ${count} is in none of the files; a shard is missing`,
        'merge',
      );
  }
  return engine.summarise(scenario, [...blocks.values()]);
}
