import type { Reply, Request } from './protocol.js';
import { retried } from './retried.js';
import { maySpawn, spawn, spawnShared } from './spawn.js';

/** A line to an engine, wherever that is. */
export interface Port {
  post(request: Request): void;
  close(): void;
}

type OnReply = (message: Reply) => void;
type OnError = (reason: string) => void;
type Way = (onReply: OnReply, onError: OnError) => Port;

const wayOf = {
  /** In a worker that all frames of the same site share, so that ten embeds have one engine. */
  shared(onReply: OnReply, onError: OnError): Port {
    const worker = spawnShared();
    const { port } = worker;
    port.onmessage = ({ data }: MessageEvent<Reply>) => onReply(data);
    worker.onerror = (event) => onError(event.message ?? 'unknown reason');
    return { post: (request) => port.postMessage(request), close: () => port.close() };
  },
  worker(onReply: OnReply, onError: OnError): Port {
    const worker = spawn();
    worker.onmessage = ({ data }: MessageEvent<Reply>) => onReply(data);
    worker.onerror = (event) => onError(event.message ?? 'unknown reason');
    return { post: (request) => worker.postMessage(request), close: () => worker.terminate() };
  },
  /** Beside the page, where a sandbox allows no worker: a pause before each request leaves the page its frames. */
  here(onReply: OnReply, onError: OnError): Port {
    let open = true;
    const handler = retried(() => import('./serve.js')).then(({ serve }) =>
      serve((message) => open && onReply(message)),
    );
    handler.then(
      () => onReply({ type: 'alive' }),
      (error) => onError(String(error)),
    );
    let last: Promise<unknown> = handler;
    return {
      post(request) {
        last = last
          .then(() => new Promise((resolve) => setTimeout(resolve)))
          .then(async () => open && (await handler)(request))
          .catch(() => {});
      },
      close() {
        open = false;
      },
    };
  },
} satisfies Record<string, Way>;

/** What was found not to work in this frame is not tried again. */
const barred = new Set<keyof typeof wayOf>();
if (!maySpawn) {
  barred.add('shared');
  barred.add('worker');
}
if (typeof SharedWorker === 'undefined') barred.add('shared');

/** Whether engines run beside the page, where several would only wait for each other. */
export const isHere = () => barred.has('worker');

/** Milliseconds in which one that starts says a word, the first time; and how many are started beside each other. */
const patience = 5000;
const most = 4;

/**
 * The first way that comes alive; what was asked before is asked again of the next one. A worker that was terminated before
 * its first word looks like one that is slow: another is started beside it, and whichever speaks first is it.
 * @param onError called once there is no way left, or when an engine that was alive is gone
 */
export function openPort(first: 'shared' | 'worker', onReply: OnReply, onError: OnError): Port {
  const asked: Request[] = [];
  /** The one that is alive, or all that may become it, each with what closes it. */
  const ports = new Map<Port, () => void>();
  let alive = false;
  const attempt = (tries = 1) => {
    // A shared one that hangs is found again.
    const ways = first === 'shared' && tries < 3 ? ['shared' as const, 'worker' as const] : ['worker' as const];
    const way = ways.find((name) => !barred.has(name)) ?? 'here';
    let port: Port | undefined;
    let over = false;
    const lock = `tiltlab-${Math.random()}`;
    const wait = setTimeout(() => tries < most && way !== 'here' && attempt(tries + 1), patience * 2 ** (tries - 1));
    const end = () => {
      over = true;
      clearTimeout(wait);
      port?.close();
      if (port) ports.delete(port);
    };
    const fallBack = (reason: string) => {
      if (over) return;
      end();
      if (alive || way === 'here') return onError(reason);
      barred.add(way);
      if (ports.size === 0) attempt();
    };
    const hear = (message: Reply) => {
      if (over) return;
      if (message.type === 'alive') {
        alive = true;
        asked.length = 0;
        clearTimeout(wait);
        for (const [other, close] of [...ports]) if (other !== port) close();
      } else if (message.type === 'held') void navigator.locks.request(lock, () => fallBack('it was terminated'));
      else onReply(message);
    };
    try {
      port = wayOf[way](hear, fallBack);
      ports.set(port, end);
      // A worker that is terminated says nothing, but lets go of its lock.
      if (way !== 'here' && navigator.locks) port.post({ type: 'hold', lock });
      for (const request of asked) port.post(request);
    } catch (error) {
      fallBack(String(error));
    }
  };
  attempt();
  return {
    post(request) {
      if (!alive) asked.push(request);
      for (const port of ports.keys()) port.post(request);
    },
    close() {
      for (const close of ports.values()) close();
    },
  };
}
