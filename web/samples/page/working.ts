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

/** The worker of the page: one holds the drafts on show; another that reads files takes its place once it has. */
export class Working {
  #worker: Promise<Worker> | null = null;
  #kind: 'small' | 'whole' = 'small';
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  /** Makes sure that the worker can read these files. @throws ReadError naming a file that is none */
  async ready(files: readonly File[]): Promise<void> {
    const formats = await Promise.all(files.slice(0, 20).map((blob) => formatOf({ name: blob.name, blob })));
    const needsWhole = formats.some((format) => format === 'yaml' || format === 'parquet');
    if (!needsWhole || this.#kind === 'whole') return;
    this.stop();
    this.#kind = 'whole';
  }

  async ask<T extends Answer['type']>(
    type: T,
    request: Asked,
    onProgress?: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<Extract<Answer, { type: T }>> {
    this.#worker ??= this.#start();
    const worker = await this.#worker;
    const id = ++this.#ids;
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      signal?.addEventListener('abort', () => {
        worker.postMessage({ id: 0, type: 'cancel', of: id } satisfies Request);
        reject(new Cancelled('cancelled'));
      });
      worker.postMessage({ ...request, id });
    });
    if (answer.type !== type) throw new Error(`the worker answered ${answer.type}`);
    return answer as Extract<Answer, { type: T }>;
  }

  stop() {
    void this.#worker?.then((worker) => worker.terminate());
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new Cancelled('stopped'));
    this.#waiting.clear();
  }

  async #start(): Promise<Worker> {
    const worker = await spawn(this.#kind);
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const waiting = this.#waiting.get(data.id);
      if (!waiting) return;
      if ('progress' in data) {
        waiting.onProgress?.(data.progress);
        return;
      }
      this.#waiting.delete(data.id);
      if ('answer' in data) waiting.resolve(data.answer);
      else waiting.reject(data.isRefusal ? new Refused(data.failed) : new Error(data.failed));
    };
    worker.onerror = ({ message }) => {
      this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(new Error(message || 'the worker did not start'));
      this.#waiting.clear();
    };
    return worker;
  }
}
