import type { Reply, Request } from './protocol.js';
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
    const handler = import('./serve.js').then(({ serve }) => serve((message) => open && onReply(message)));
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

/**
 * The first way that comes alive; what was asked before is asked again of the next one.
 * @param onError called once there is no way left, or when an engine that was alive is gone
 */
export function openPort(first: 'shared' | 'worker', onReply: OnReply, onError: OnError): Port {
  const asked: Request[] = [];
  let port: Port | null = null;
  let alive = false;
  let closed = false;
  const attempt = () => {
    const way = (first === 'shared' ? (['shared', 'worker', 'here'] as const) : (['worker', 'here'] as const)).find(
      (name) => !barred.has(name),
    );
    if (!way) return onError('this frame allows no engine');
    let over = false;
    const lock = `tiltlab-${Math.random()}`;
    const fallBack = (reason: string) => {
      if (closed || over) return;
      over = true;
      if (alive || way === 'here') {
        onError(reason);
        return;
      }
      barred.add(way);
      attempt();
    };
    try {
      port = wayOf[way]((message) => {
        if (closed || over) return;
        if (message.type === 'alive') {
          alive = true;
          asked.length = 0;
          // A worker that is terminated says nothing, but lets go of its lock.
          if (way !== 'here' && navigator.locks) port?.post({ type: 'hold', lock });
        } else if (message.type === 'held') void navigator.locks.request(lock, () => fallBack('it was terminated'));
        else onReply(message);
      }, fallBack);
      for (const request of asked) port.post(request);
    } catch (error) {
      fallBack(String(error));
    }
  };
  attempt();
  return {
    post(request) {
      if (!alive) asked.push(request);
      port?.post(request);
    },
    close() {
      closed = true;
      port?.close();
    },
  };
}
