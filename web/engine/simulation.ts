import { TiltLabError } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Signal } from '../scenario/signal.js';
import { Crew, type CrewWorker } from './crew.js';

/** A mean over replicates with its interval, beside the exact value; null where no double holds it, or it is not known. */
export interface Estimate {
  mean: number | null;
  interval: [low: number | null, high: number | null];
  draws: number;
  method: string;
  exact: number | null;
  /** Whether the interval is one of those of which at least 19 in 20 hold the exact value. */
  counted: boolean;
  /** Why it is not. */
  why?: string;
}

export interface PolicyEstimates {
  reward: Estimate;
  gold: Estimate;
  win_rate: Estimate;
  kl: Estimate;
}

/** What a simulation found. The same bytes wherever and in how many shares it ran. */
export interface Simulated {
  engine: string;
  seed: number;
  replicates: number;
  method: string;
  /** Drafts that best-of-N drew. */
  n: number | null;
  model: PolicyEstimates;
  kl_rl: PolicyEstimates;
  /** Its KL is the plug-in estimate, which takes ties for different drafts. */
  best_of_n: PolicyEstimates;
  /** KL-RL's exact reward less best-of-N's drawn one, per token (of the draw, without a length). */
  gap_per_token: Estimate;
  /** The scenario's own, in its order. */
  policies?: PolicyEstimates[];
  /** KL-RL from weighted base drafts, to show where that fails: its interval is not counted. */
  kl_rl_weighted: { reward: Estimate; effective_sample_size: number | null };
}

/** Sums of one block of replicates. */
export interface Block {
  index: number;
  sums: number[];
}

export const defaultReplicates = 4000;
const mostBlocks = 1000;

/** How replicates are cut into blocks: by their number alone, so that every share cuts alike. */
export function blocksOf({ simulation }: Scenario): { replicates: number; size: number; count: number } {
  const replicates = simulation?.replicates ?? defaultReplicates;
  const size = Math.ceil(replicates / mostBlocks);
  return { replicates, size, count: Math.ceil(replicates / size) };
}

/** Replicates that some blocks hold: the last block of all may be short. */
export function replicatesIn(scenario: Scenario, blocks: readonly number[]): number {
  const { size, count, replicates } = blocksOf(scenario);
  return blocks.reduce((sum, index) => sum + (index === count - 1 ? replicates - index * size : size), 0);
}

/** Blocks of one share of several: every `of`-th, so that all shares take about as long. */
export function blocksOfShard(scenario: Scenario, index: number, of: number): number[] {
  const { count } = blocksOf(scenario);
  return Array.from({ length: count }, (_, block) => block).filter((block) => block % of === index % of);
}

export interface Progress {
  done: number;
  blocks: number;
  replicates: number;
}

/** Whatever computes blocks: workers, or the engine itself between pauses. */
export interface Pool {
  run(scenario: Scenario, blocks: readonly number[], onBlock: (block: Block) => void, signal?: Signal): Promise<void>;
}

/** Draws blocks of replicates, and says what they come to; an engine does both. */
export interface Roller {
  /**
   * Sums of one block of replicates; all checks for block -1. Without sums where the block takes another sitting of some
   * 20 ms: the same call goes on with it. @throws TiltLabError
   */
  simulateBlock(scenario: Scenario, block: number): number[];
  /** Estimates from blocks, whoever computed them and in whatever order. @throws TiltLabError */
  summarise(scenario: Scenario, blocks: readonly Block[]): Simulated;
}

export const aborted = () => new TiltLabError('aborted', 'the simulation was cancelled', '');

/**
 * Blocks one after another in this thread, with a pause every few milliseconds, in the middle of a block too: the
 * engine answers without sums where a block takes another sitting, and goes on with it where it is asked again.
 */
export function inThisThread(engine: Roller): Pool {
  return {
    async run(scenario, blocks, onBlock, signal) {
      let last = performance.now();
      for (const index of blocks) {
        for (let sums: number[] = []; sums.length === 0; ) {
          if (signal?.aborted) throw aborted();
          sums = engine.simulateBlock(scenario, index);
          if (sums.length > 0) onBlock({ index, sums });
          if (performance.now() - last < 15) continue;
          await new Promise((resolve) => setTimeout(resolve));
          last = performance.now();
        }
      }
    },
  };
}

/** A worker that draws blocks, in browsers and in Node. */
export type BlockWorker = CrewWorker<{ type: 'block'; scenario: Scenario; block: number }, BlockReply>;

export type BlockReply =
  /** Without sums where the block takes another sitting: it is to be asked for again. */
  | { type: 'block'; block: number; sums: number[] }
  | { type: 'block-error'; kind: string; message: string; path: string };

/** Far longer than any block took so far. */
const patience = (slowest: number) => (slowest === 0 ? 600_000 : 30_000 + 30 * slowest);

/**
 * Blocks on `size` workers that `make` starts. A worker that dies is replaced and its block redone. Cancelling closes
 * all workers, in the middle of a block if need be.
 */
export function onWorkers(make: () => BlockWorker, size: number): Pool {
  return {
    run: (scenario, blocks, onBlock, signal) =>
      new Promise((resolve, reject) => {
        const left = [...blocks].reverse();
        let open = blocks.length;
        const end = (error?: Error) => {
          crew.close();
          signal?.removeEventListener('abort', cancel);
          if (error) reject(error);
          else resolve();
        };
        const cancel = () => end(aborted());
        const crew = new Crew(make, {
          next: () => left.pop(),
          ask: (block) => ({ type: 'block', scenario, block }),
          take(message) {
            if (message.type === 'block-error') end(new TiltLabError(message.kind, message.message, message.path));
            else if (message.sums.length === 0) return false;
            else {
              onBlock({ index: message.block, sums: message.sums });
              if (--open === 0) end();
            }
            return true;
          },
          failed: end,
          patience,
        });
        if (signal?.aborted) cancel();
        else if (open === 0) end();
        else {
          signal?.addEventListener('abort', cancel);
          crew.start(Math.min(size, open));
        }
      }),
  };
}

export interface SimulateOptions {
  /** Called after each block; `partial` gives the estimates so far. */
  onProgress?: (progress: Progress, partial: () => Simulated) => void;
  signal?: Signal;
  pool?: Pool;
}

/** A whole simulation: its result does not depend on the pool. */
export async function simulate(engine: Roller, scenario: Scenario, options: SimulateOptions = {}): Promise<Simulated> {
  const { onProgress, signal, pool = inThisThread(engine) } = options;
  const { count } = blocksOf(scenario);
  const done: Block[] = [];
  // What is wrong with the scenario is said before anything starts.
  engine.simulateBlock(scenario, -1);
  await pool.run(
    scenario,
    Array.from({ length: count }, (_, k) => k),
    (block) => {
      done.push(block);
      onProgress?.(
        {
          done: done.length,
          blocks: count,
          replicates: replicatesIn(
            scenario,
            done.map(({ index }) => index),
          ),
        },
        () => engine.summarise(scenario, done),
      );
    },
    signal,
  );
  return engine.summarise(scenario, done);
}
