import type { Progress } from '../import.js';
import type { Answer, Reply, Request } from '../protocol.js';
import { formatOf } from '../reading/format.js';
import { spawn } from './spawn.js';

/** A request as the page makes it: the worker's id is added. */
type Asked = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** What the worker refused: a line for the reader. */
export class Refused extends Error {}
/** It was cancelled by the reader. */
export class Cancelled extends Error {}

/** A worker and what it owes. */
class Hand {
  readonly #waiting = new Map<number, Waiting>();
  readonly #worker: Promise<Worker>;
  #ids = 0;

  constructor(readonly kind: 'small' | 'whole') {
    this.#worker = spawn(kind).then((worker) => {
      worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data);
      worker.onerror = ({ message }) => this.#fail(new Error(message || 'the worker did not start'));
      return worker;
    });
  }

  async ask(request: Asked, onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<Answer> {
    const worker = await this.#worker;
    const id = ++this.#ids;
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      signal?.addEventListener('abort', () => {
        worker.postMessage({ id: 0, type: 'cancel', of: id } satisfies Request);
        reject(new Cancelled('cancelled'));
      });
      worker.postMessage({ ...request, id });
    });
  }

  stop() {
    void this.#worker.then((worker) => worker.terminate());
    this.#fail(new Cancelled('stopped'));
  }

  #fail(error: Error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #take(reply: Reply) {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if ('progress' in reply) {
      waiting.onProgress?.(reply.progress);
      return;
    }
    this.#waiting.delete(reply.id);
    if ('answer' in reply) waiting.resolve(reply.answer);
    else waiting.reject(reply.isRefusal ? new Refused(reply.failed) : new Error(reply.failed));
  }
}

/** The workers of the page: one holds the drafts on show; another that reads files takes its place once it has. */
export class Working {
  #holding: Hand | null = null;
  /** Reads what the one that holds cannot; null where that reads itself. */
  #reading: Hand | null = null;

  /** Makes sure that a worker can read these files. @throws ReadError naming a file that is none */
  async ready(files: readonly File[]): Promise<void> {
    const formats = await Promise.all(files.slice(0, 20).map((blob) => formatOf({ name: blob.name, blob })));
    const needsWhole = formats.some((format) => format === 'yaml' || format === 'parquet');
    if (needsWhole && this.#holding?.kind !== 'whole') this.#reading ??= new Hand('whole');
  }

  async ask<T extends Answer['type']>(
    type: T,
    request: Asked,
    onProgress?: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<Extract<Answer, { type: T }>> {
    this.#holding ??= new Hand('small');
    const isReading = request.type === 'recognise' || request.type === 'read';
    const hand = (isReading && this.#reading) || this.#holding;
    const answer = await hand.ask(request, onProgress, signal);
    if (answer.type !== type) throw new Error(`the worker answered ${answer.type}`);
    if (request.type === 'read' && hand === this.#reading) {
      this.#holding.stop();
      this.#holding = hand;
      this.#reading = null;
    }
    return answer as Extract<Answer, { type: T }>;
  }

  stop() {
    this.#holding?.stop();
    this.#reading?.stop();
    this.#holding = this.#reading = null;
  }
}
