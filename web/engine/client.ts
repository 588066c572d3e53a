import { TiltLabError } from '../scenario/error.js';
import { parseScenario, type Scenario } from '../scenario/scenario.js';
import type { ViewOptions } from './facade.js';
import { openLine } from './line.js';
import { noEngine } from './no-engine.js';
import type { Reply, Request } from './protocol.js';
import { retried } from './retried.js';
import type { Block, Progress, Simulated } from './simulation.js';
import { asker, type Job, Turns } from './turns.js';
import type { Drafts, View } from './types.js';

/** One of those who ask an engine for views: none waits for more than one view of each of the others. */
export interface Lane {
  /**
   * The view of a scenario. At most one request runs and one waits: a newer one replaces the one that
   * waits, whose promise resolves to null. Where a newer one has waited long for one that takes long, another engine
   * takes the place of the busy one, which is closed in the middle of its work: that promise too resolves to null.
   * @param signal as `cancel` for this view alone
   * @throws TiltLabError when the scenario is refused
   */
  view(scenario: Scenario, options: ViewOptions, signal?: AbortSignal): Promise<View | null>;
  /** Abandons the views that run and wait, at once: their promises resolve to null. Other lanes lose none. */
  cancel(): void;
  /** Cancels; the engine keeps nothing of it. */
  close(): void;
}

export interface EngineClient {
  /** Resolves to the engine's version once it is up. */
  readonly ready: Promise<string>;
  /** Opens another lane. */
  lane(): Lane;
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
  /** Called when an engine was gone and another took its place: nothing that was asked is lost. */
  onRestart?: () => void;
  /** Whether no view runs and none waits, on any lane. */
  readonly idle: boolean;
  close(): void;
}

/** What is answered in the order in which it was asked, and asked again of an engine that takes another's place. */
function inOrder<T>(post: (request: Request) => void) {
  const open: { request: Request; resolve(answer: T): void }[] = [];
  return {
    ask: (request: Request) =>
      new Promise<T>((resolve) => {
        open.push({ request, resolve });
        post(request);
      }),
    answer: (answer: T) => open.shift()?.resolve(answer),
    again() {
      for (const { request } of open) post(request);
    },
  };
}

/** A promise, and what settles it. */
function settled<T>() {
  let settle: { resolve(value: T): void; reject(error: Error): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => {});
  return { promise, resolve: (value: T) => settle?.resolve(value), reject: (error: Error) => settle?.reject(error) };
}

function openLane(turns: Turns, lane: number, post: (request: Request) => void): Lane {
  const by = asker(lane);
  return {
    view: (scenario, options, signal) =>
      new Promise((resolve, reject) => {
        // Throws into the promise. Nothing unchecked reaches the engine.
        parseScenario(scenario);
        if (signal?.aborted) {
          resolve(null);
          return;
        }
        const job: Job = { by, scenario, options, resolve, reject, begun: 0 };
        signal?.addEventListener('abort', () => turns.drop(job), { once: true });
        turns.ask(job);
      }),
    cancel: () => turns.dropAll(by),
    close() {
      turns.dropAll(by);
      post({ type: 'leave', lane });
    },
  };
}

/** Only those who roll dice need it. */
async function loadDraw() {
  const { draw } = await retried(() => import('./draw.js')).catch(() => {
    throw noEngine();
  });
  return draw;
}

/** An engine outside the page's thread wherever the frame allows it, so that the page never blocks. */
export function connect(kind: 'shared' | 'worker' = 'worker'): EngineClient {
  const { promise: ready, ...start } = settled<string>();
  const fail = (error: Error) => {
    start.reject(error);
    turns.failed(error);
  };
  /** What an engine says, by its type; what is missing is said to others. */
  const heard: { [T in Reply['type']]?: (reply: Extract<Reply, { type: T }>) => void } = {
    ready: ({ version }) => start.resolve(version),
    begun: () => turns.begun(),
    view: (reply) => turns.viewed(reply),
    drafts: ({ drafts }) => drawn.answer(drafts),
    simulated: ({ simulated }) => summaries.answer(simulated),
    error({ kind, message, path }) {
      // Of a module that met a fault of its own nothing more is to be had.
      if (kind === 'engine') turns.renew();
      fail(new TiltLabError(kind, message, path));
    },
  };
  const line = openLine(
    kind,
    (reply) => (heard[reply.type] as ((reply: Reply) => void) | undefined)?.(reply),
    () => {
      if (turns.died()) client.onRestart?.();
      else fail(noEngine());
    },
  );
  const summaries = inOrder<Simulated>(line.post);
  const drawn = inOrder<Drafts | null>(line.post);
  const turns = new Turns(line, () => {
    summaries.again();
    drawn.again();
  });
  let lanes = 0;

  const client: EngineClient = {
    ready,
    get idle() {
      return turns.isIdle;
    },
    lane: () => openLane(turns, lanes++, line.post),
    drafts(scenario, replicate) {
      parseScenario(scenario);
      return drawn.ask({ type: 'drafts', scenario, replicate });
    },
    async simulate(scenario, onProgress, signal) {
      parseScenario(scenario);
      const draw = await loadDraw();
      const summarise = (blocks: readonly Block[]) =>
        summaries.ask({ type: 'summarise', scenario, blocks: [...blocks] });
      return draw(scenario, summarise, onProgress, signal);
    },
    close() {
      turns.close();
      line.close();
    },
  };
  return client;
}
