import type { Scenario } from '../scenario/scenario.js';
import { TiltLabError } from './error.js';
import type { ViewOptions } from './facade.js';
import type { Reply, Request } from './protocol.js';
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

/** An engine in a worker of its own, so that the page never blocks. */
export function connect(): EngineClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  let running: Job | null = null;
  let waiting: Job | null = null;
  const drawn: ((drafts: Drafts | null) => void)[] = [];
  let settleReady: { resolve(version: string): void; reject(error: Error): void };
  const ready = new Promise<string>((resolve, reject) => {
    settleReady = { resolve, reject };
  });
  ready.catch(() => {});

  const post = (request: Request) => worker.postMessage(request);
  const start = (job: Job) => {
    running = job;
    post({ type: 'view', scenario: job.scenario, options: job.options });
  };
  const finish = (settle: (job: Job) => void) => {
    const job = running;
    running = null;
    if (waiting) {
      const next = waiting;
      waiting = null;
      start(next);
    }
    if (job) settle(job);
  };

  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    switch (data.type) {
      case 'ready':
        settleReady.resolve(data.version);
        return;
      case 'view':
        finish((job) => job.resolve(data.view));
        return;
      case 'drafts':
        drawn.shift()?.(data.drafts);
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
  worker.onerror = (event) => {
    const error = new TiltLabError('engine', `the engine did not start: ${event.message ?? 'unknown reason'}`, '');
    settleReady.reject(error);
    finish((job) => job.reject(error));
  };

  return {
    ready,
    get idle() {
      return running === null && waiting === null;
    },
    view(scenario, options) {
      return new Promise((resolve, reject) => {
        const job = { scenario, options, resolve, reject };
        if (!running) {
          start(job);
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
    close() {
      worker.terminate();
    },
  };
}
