import { TiltLabError } from '../scenario/error.js';
import { parseScenario, type Scenario } from '../scenario/scenario.js';
import type { ViewOptions } from './facade.js';
import { noEngine } from './no-engine.js';
import { isHere, openPort, type Port } from './port.js';
import type { Reply, Request } from './protocol.js';
import type { Progress, Simulated } from './simulation.js';
import type { Drafts, View } from './types.js';

export interface EngineClient {
  /** Resolves to the engine's version once it is up. */
  readonly ready: Promise<string>;
  /**
   * The view of a scenario. At most one request runs and one waits: a newer one replaces the one that
   * waits, whose promise resolves to null. Where a newer one has waited long for one that takes long, another engine
   * takes the place of the busy one, which is closed in the middle of its work: that promise too resolves to null.
   * @param signal as `cancel` for this view alone
   * @throws TiltLabError when the scenario is refused
   */
  view(scenario: Scenario, options: ViewOptions, signal?: AbortSignal): Promise<View | null>;
  /** Abandons the views that run and wait, at once: their promises resolve to null. */
  cancel(): void;
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
  /** When the engine began with it, in milliseconds; 0 before. */
  begun: number;
  /** Whether nobody waits for it any longer. */
  dropped?: boolean;
}

/** An engine that is started and has nothing to do yet. */
interface Spare {
  port: Port;
  /** Its replies are the page's from now on. */
  take(): void;
}

/** Milliseconds that a newer view waits at least before the engine that keeps it waiting is given up. */
const patience = 250;

/** An engine outside the page's thread wherever the frame allows it, so that the page never blocks. */
export function connect(kind: 'shared' | 'worker' = 'worker'): EngineClient {
  let running: Job | null = null;
  let waiting: Job | null = null;
  let last: View | null = null;
  /** What else was asked and is not answered, in order: each kind is answered in the order in which it was asked. */
  const summaries: { request: Request; resolve(simulated: Simulated): void }[] = [];
  const drawn: { request: Request; resolve(drafts: Drafts | null): void }[] = [];
  /** Started beside an engine that is busy for long, so that nobody waits for it to start. */
  let spare: Spare | null = null;
  let giveUp: ReturnType<typeof setTimeout> | undefined;
  /** How long a view may keep a newer one waiting: longer where views took long, so that they do end. */
  let patient = patience;
  let settleReady: { resolve(version: string): void; reject(error: Error): void };
  const ready = new Promise<string>((resolve, reject) => {
    settleReady = { resolve, reject };
  });
  ready.catch(() => {});

  const post = (request: Request) => port.post(request);
  const begin = (job: Job) => {
    running = job;
    post({ type: 'view', scenario: job.scenario, options: job.options });
  };
  const finish = (settle: (job: Job) => void) => {
    const job = running;
    running = null;
    clearTimeout(giveUp);
    if (waiting) {
      const next = waiting;
      waiting = null;
      begin(next);
    }
    if (job) settle(job);
  };
  const startSpare = (): Spare => {
    let reply: (message: Reply) => void = (message) => {
      if (message.type === 'ready') settleReady.resolve(message.version);
    };
    let gone: (reason: string) => void = () => {
      spare = null;
    };
    const line = openPort(
      'worker',
      (message) => reply(message),
      (reason) => gone(reason),
    );
    line.post({ type: 'start' });
    return {
      port: line,
      take() {
        reply = onReply;
        gone = onError;
      },
    };
  };
  /** Closes the engine in the middle of its work; another goes on with all but the view that ran. */
  const replace = () => {
    port.close();
    last = null;
    const next = spare ?? startSpare();
    spare = null;
    port = next.port;
    next.take();
    for (const { request } of [...summaries, ...drawn]) post(request);
    finish((job) => job.resolve(null));
  };
  /** Looks after a view that keeps a newer one waiting, from when the engine has begun with it. */
  const watch = () => {
    clearTimeout(giveUp);
    if (!running?.begun || !waiting || isHere()) return;
    const ran = performance.now() - running.begun;
    const another = spare ? patient : patient / 2;
    giveUp = setTimeout(
      () => {
        if (spare) {
          patient *= 2;
          replace();
        } else {
          spare = startSpare();
          watch();
        }
      },
      Math.max(0, another - ran),
    );
  };
  const drop = (job: Job) => {
    job.resolve(null);
    if (job === waiting) waiting = null;
    // Beside the page nothing interrupts it; and an engine that is still loading goes on with that.
    if (job !== running || isHere()) return;
    if (job.begun) replace();
    else job.dropped = true;
  };

  const onReply = (data: Reply) => {
    switch (data.type) {
      case 'ready':
        settleReady.resolve(data.version);
        return;
      case 'begun':
        if (running?.dropped) replace();
        else if (running) running.begun = performance.now();
        watch();
        return;
      case 'view': {
        last = { ...data.view, ...Object.fromEntries(data.same.map((part) => [part, last?.[part]])) } as View;
        const view = last;
        if (running?.begun) patient = Math.max(patience, 2 * (performance.now() - running.begun));
        finish((job) => job.resolve(view));
        return;
      }
      case 'drafts':
        drawn.shift()?.resolve(data.drafts);
        return;
      case 'simulated':
        summaries.shift()?.resolve(data.simulated);
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
  const onError = () => {
    const error = noEngine();
    settleReady.reject(error);
    finish((job) => job.reject(error));
  };
  let port = openPort(kind, onReply, onError);
  post({ type: 'start' });

  return {
    ready,
    get idle() {
      return running === null && waiting === null;
    },
    view(scenario, options, signal) {
      return new Promise((resolve, reject) => {
        // Throws into the promise. Nothing unchecked reaches the engine.
        parseScenario(scenario);
        if (signal?.aborted) {
          resolve(null);
          return;
        }
        const job: Job = { scenario, options, resolve, reject, begun: 0 };
        signal?.addEventListener('abort', () => drop(job), { once: true });
        if (!running) {
          begin(job);
          return;
        }
        waiting?.resolve(null);
        waiting = job;
        watch();
      });
    },
    cancel() {
      if (waiting) drop(waiting);
      if (running) drop(running);
    },
    drafts(scenario, replicate) {
      parseScenario(scenario);
      return new Promise((resolve) => {
        const request = { type: 'drafts', scenario, replicate } as const;
        drawn.push({ request, resolve });
        post(request);
      });
    },
    async simulate(scenario, onProgress, signal) {
      parseScenario(scenario);
      const { draw } = await import('./draw.js');
      return draw(
        scenario,
        (blocks) =>
          new Promise<Simulated>((resolve) => {
            const request = { type: 'summarise', scenario, blocks: [...blocks] } as const;
            summaries.push({ request, resolve });
            post(request);
          }),
        onProgress,
        signal,
      );
    },
    close() {
      clearTimeout(giveUp);
      spare?.port.close();
      port.close();
    },
  };
}
