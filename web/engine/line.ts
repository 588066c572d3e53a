import { openPort, type Port } from './port.js';
import type { Reply, Request } from './protocol.js';

/** A line to an engine that can be replaced in the middle of its work. */
export interface Line {
  post(request: Request): void;
  /** Whether another engine stands ready. */
  readonly hasSpare: boolean;
  /** Starts another engine beside one that is busy for long, so that nobody waits for it to start. */
  prepare(): void;
  /** Closes the engine; another takes its place, and knows of nothing that was asked. */
  replace(): void;
  close(): void;
}

/** An engine that is started and has nothing to do yet. */
interface Spare {
  port: Port;
  /** Its replies are the page's from now on. */
  take(): void;
}

/** @param onReply of an engine that only stands ready, nothing but that it does */
export function openLine(kind: 'shared' | 'worker', onReply: (data: Reply) => void, onError: () => void): Line {
  let spare: Spare | null = null;
  const startSpare = (): Spare => {
    let reply = (message: Reply) => {
      if (message.type === 'ready') onReply(message);
    };
    let gone = () => {
      spare = null;
    };
    const port = openPort(
      'worker',
      (message) => reply(message),
      () => gone(),
    );
    port.post({ type: 'start' });
    return {
      port,
      take() {
        reply = onReply;
        gone = onError;
      },
    };
  };
  let port = openPort(kind, onReply, onError);
  port.post({ type: 'start' });
  return {
    post: (request) => port.post(request),
    get hasSpare() {
      return spare !== null;
    },
    prepare() {
      spare = startSpare();
    },
    replace() {
      port.close();
      const next = spare ?? startSpare();
      spare = null;
      port = next.port;
      next.take();
    },
    close() {
      spare?.port.close();
      port.close();
    },
  };
}
