import { parseScenario, type Scenario } from '../scenario/scenario.js';
import { TiltLabError } from './error.js';
import type { ViewOptions } from './facade.js';
import { openPort } from './port.js';
import type { Reply } from './protocol.js';
import type { Progress, Simulated } from './simulation.js';
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
        // Throws into the promise. Nothing unchecked reaches the engine.
        parseScenario(scenario);
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
      parseScenario(scenario);
      return new Promise((resolve) => {
        drawn.push(resolve);
        post({ type: 'drafts', scenario, replicate });
      });
    },
    async simulate(scenario, onProgress, signal) {
      parseScenario(scenario);
      const { draw } = await import('./draw.js');
      return draw(
        scenario,
        (blocks) =>
          new Promise<Simulated>((resolve) => {
            summaries.push(resolve);
            post({ type: 'summarise', scenario, blocks });
          }),
        onProgress,
        signal,
      );
    },
    close() {
      port.close();
    },
  };
}
