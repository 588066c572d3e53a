import type { Scenario } from '../scenario/scenario.js';
import { TiltLabError } from './error.js';
import type { ViewOptions } from './facade.js';
import { isHere, openPort } from './port.js';
import type { Reply } from './protocol.js';
import {
  type Block,
  type BlockWorker,
  blocksOf,
  onWorkers,
  type Progress,
  replicatesIn,
  type Simulated,
} from './simulation.js';
import type { Drafts, View } from './types.js';

export interface EngineClient {
  /** Resolves to the engine's version once it is up. */
  readonly ready: Promise<string>;
  /**
   * The view of a scenario. At most one request runs and one waits: a newer one replaces the one that
   * waits, whose promise resolves to null.
   * @throws TiltLabError when the scenario is refused
   */
  view(scenario: Scenario, options: ViewOptions): Promise<View | null>;
  /** One draft of each policy; null where none can be written out. Asked for one at a time. */
  drafts(scenario: Scenario, replicate: number): Promise<Drafts | null>;
  /**
   * Draws what the scenario's simulation says on workers of their own, as many as there are cores.
   * @param onProgress called now and then with what was found so far
   * @throws TiltLabError; of kind `aborted` where the signal says so
   */
  simulate(
    scenario: Scenario,
    onProgress: (progress: Progress, partial: Simulated) => void,
    signal: AbortSignal,
  ): Promise<Simulated>;
  /** Whether nothing runs and nothing waits. */
  readonly idle: boolean;
  close(): void;
}

interface Job {
  scenario: Scenario;
  options: ViewOptions;
  resolve(view: View | null): void;
  reject(error: Error): void;
}

const cores = () => Math.max(1, Math.min(8, navigator.hardwareConcurrency || 2));

function blockWorker(): BlockWorker {
  let reply: (message: Reply) => void = () => {};
  let gone: (reason: string) => void = () => {};
  const port = openPort(
    'worker',
    (message) => reply(message),
    (reason) => gone(reason),
  );
  return {
    post: (message) => port.post(message),
    listen(onReply, died) {
      gone = died;
      const lock = `tiltlab-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
      reply = (message) => {
        if (message.type === 'held') void navigator.locks.request(lock, () => died('it was terminated'));
        if (message.type === 'block' || message.type === 'block-error') onReply(message);
        else if (message.type === 'error') died(message.message);
      };
      // Frames without an origin have no locks; there a silent death is noticed by the pool's patience alone.
      if (navigator.locks && !isHere()) port.post({ type: 'hold', lock });
    },
    close: () => port.close(),
  };
}

/** An engine outside the page's thread wherever the frame allows it, so that the page never blocks. */
export function connect(kind: 'shared' | 'worker' = 'worker'): EngineClient {
  let running: Job | null = null;
  let waiting: Job | null = null;
  let last: View | null = null;
  const summaries: ((simulated: Simulated) => void)[] = [];
  const drawn: ((drafts: Drafts | null) => void)[] = [];
  let settleReady: { resolve(version: string): void; reject(error: Error): void };
  const ready = new Promise<string>((resolve, reject) => {
    settleReady = { resolve, reject };
  });
  ready.catch(() => {});

  const begin = (job: Job) => {
    running = job;
    post({ type: 'view', scenario: job.scenario, options: job.options });
  };
  const finish = (settle: (job: Job) => void) => {
    const job = running;
    running = null;
    if (waiting) {
      const next = waiting;
      waiting = null;
      begin(next);
    }
    if (job) settle(job);
  };

  const onReply = (data: Reply) => {
    switch (data.type) {
      case 'ready':
        settleReady.resolve(data.version);
        return;
      case 'view': {
        last = { ...data.view, ...Object.fromEntries(data.same.map((part) => [part, last?.[part]])) } as View;
        const view = last;
        finish((job) => job.resolve(view));
        return;
      }
      case 'drafts':
        drawn.shift()?.(data.drafts);
        return;
      case 'simulated':
        summaries.shift()?.(data.simulated);
        return;
      case 'alive':
      case 'held':
      case 'block':
      case 'block-error':
        return;
      case 'error': {
        const error = new TiltLabError(data.kind, data.message, data.path);
        settleReady.reject(error);
        finish((job) => job.reject(error));
        return;
      }
      default:
        data satisfies never;
    }
  };
  const onError = (reason: string) => {
    const error = new TiltLabError('engine', `the engine did not start: ${reason}`, '');
    settleReady.reject(error);
    finish((job) => job.reject(error));
  };
  const port = openPort(kind, onReply, onError);
  const { post } = port;
  post({ type: 'start' });

  return {
    ready,
    get idle() {
      return running === null && waiting === null;
    },
    view(scenario, options) {
      return new Promise((resolve, reject) => {
        const job = { scenario, options, resolve, reject };
        if (!running) {
          begin(job);
          return;
        }
        waiting?.resolve(null);
        waiting = job;
      });
    },
    drafts(scenario, replicate) {
      return new Promise((resolve) => {
        drawn.push(resolve);
        post({ type: 'drafts', scenario, replicate });
      });
    },
    async simulate(scenario, onProgress, signal) {
      const done: Block[] = [];
      const { count } = blocksOf(scenario);
      const summarise = () =>
        new Promise<Simulated>((resolve) => {
          summaries.push(resolve);
          post({ type: 'summarise', scenario, blocks: done });
        });
      let busy = false;
      let last = 0;
      await onWorkers(blockWorker, isHere() ? 1 : cores()).run(
        scenario,
        Array.from({ length: count }, (_, k) => k),
        (block) => {
          done.push(block);
          if (busy || done.length === count || performance.now() - last < 200) return;
          busy = true;
          last = performance.now();
          const progress = {
            done: done.length,
            blocks: count,
            replicates: replicatesIn(
              scenario,
              done.map(({ index }) => index),
            ),
          };
          void summarise().then((partial) => {
            busy = false;
            if (done.length < count && !signal.aborted) onProgress(progress, partial);
          });
        },
        signal,
      );
      return summarise();
    },
    close() {
      port.close();
    },
  };
}
