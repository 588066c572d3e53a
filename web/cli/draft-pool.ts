import { Worker } from 'node:worker_threads';
import { TiltLabError } from '../scenario/error.js';
import type { Drafted, DraftReply, Means, Share } from './drafting.js';

const mostDeaths = 20;
/** Shares a worker that may wait for those before them to be printed. */
const ahead = 4;

/** Shares on worker threads. One that dies is replaced and its share drawn again. */
class DraftPool {
  readonly #means: Means;
  readonly #shares: readonly Share[];
  readonly #most: number;
  readonly #workers = new Set<Worker>();
  readonly #idle: Worker[] = [];
  /** The share that each is at. */
  readonly #given = new Map<Worker, number>();
  readonly #answers = new Map<number, Drafted | Error>();
  /** Shares to be drawn again, before those from `#next` on. */
  readonly #again: number[] = [];
  #next = 0;
  #told = 0;
  #deaths = 0;
  #closed = false;
  #wake: () => void = () => {};

  constructor(means: Means, shares: readonly Share[], workers: number) {
    this.#means = means;
    this.#shares = shares;
    this.#most = ahead * workers;
    for (let k = 0; k < Math.min(workers, shares.length); k++) this.#hire();
  }

  /** Share 0, 1, 2 .., each once. @throws TiltLabError what its worker refused */
  async next(): Promise<Drafted> {
    while (!this.#answers.has(this.#told))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const answer = this.#answers.get(this.#told) as Drafted | Error;
    this.#answers.delete(this.#told++);
    if (answer instanceof Error) throw answer;
    for (const worker of this.#idle.splice(0)) this.#give(worker);
    return answer;
  }

  close() {
    this.#closed = true;
    for (const worker of this.#workers) void worker.terminate();
  }

  #answer(index: number, answer: Drafted | Error) {
    this.#answers.set(index, answer);
    this.#wake();
  }

  #give(worker: Worker) {
    const index = this.#again.pop() ?? (this.#next < this.#told + this.#most ? this.#next++ : null);
    if (index === null || index >= this.#shares.length) {
      this.#idle.push(worker);
      return;
    }
    this.#given.set(worker, index);
    worker.postMessage(this.#shares[index]);
  }

  #hire() {
    const worker = new Worker(new URL('./draft-worker.js', import.meta.url), { workerData: this.#means });
    this.#workers.add(worker);
    worker.on('message', (reply: DraftReply) => {
      const index = this.#given.get(worker) as number;
      this.#given.delete(worker);
      if ('drafted' in reply) this.#answer(index, reply.drafted);
      else this.#answer(index, new TiltLabError(reply.refused.kind, reply.refused.message, reply.refused.path));
      this.#give(worker);
    });
    const gone = (reason: string) => {
      if (this.#closed || !this.#workers.delete(worker)) return;
      const index = this.#given.get(worker);
      if (++this.#deaths > mostDeaths)
        this.#answer(this.#told, new TiltLabError('engine', `workers keep dying: ${reason}`, ''));
      else {
        if (index !== undefined) this.#again.push(index);
        this.#hire();
      }
    };
    worker.on('error', (error) => gone(String(error)));
    worker.on('exit', (code) => gone(`exit code ${code}`));
    this.#give(worker);
  }
}

/**
 * Shares in their order, whichever worker draws them first.
 * @param take whether more are wanted
 */
export async function drawOnWorkers(
  means: Means,
  shares: readonly Share[],
  workers: number,
  take: (drafted: Drafted) => Promise<boolean>,
): Promise<void> {
  const pool = new DraftPool(means, shares, workers);
  try {
    for (const _ of shares) if (!(await take(await pool.next()))) return;
  } finally {
    pool.close();
  }
}
