import { TiltLabError } from '../scenario/error.js';

/** A worker as its crew sees it, in browsers and in Node. */
export interface CrewWorker<Ask, Reply> {
  post(ask: Ask): void;
  /** @param died called when the worker is gone */
  listen(reply: (message: Reply) => void, died: (reason: string) => void): void;
  close(): void;
}

/** Jobs by their numbers, and what becomes of them. */
export interface Work<Ask, Reply> {
  /** A job that none has begun; undefined where there is none, or none yet. */
  next(): number | undefined;
  ask(job: number): Ask;
  /** @returns whether the job is done: else the same worker is asked for it again */
  take(reply: Reply, job: number): boolean;
  /** Workers keep dying. */
  failed(error: TiltLabError): void;
  /** How long a worker may think, in milliseconds, before it counts as dead, by the longest that one did; for ever where there is none. */
  patience?(slowest: number): number;
}

const mostDeaths = 20;

/** Workers that take one job after another. One that dies is replaced and its job done again. */
export class Crew<Ask, Reply> {
  readonly #make: () => CrewWorker<Ask, Reply>;
  readonly #work: Work<Ask, Reply>;
  /** What each is at, and since when; null where it waits. */
  readonly #at = new Map<CrewWorker<Ask, Reply>, { job: number; since: number } | null>();
  /** Jobs to be done again, before others. */
  readonly #again: number[] = [];
  #watch: ReturnType<typeof setInterval> | undefined;
  #deaths = 0;
  #slowest = 0;

  constructor(make: () => CrewWorker<Ask, Reply>, work: Work<Ask, Reply>) {
    this.#make = make;
    this.#work = work;
  }

  start(size: number): void {
    const { patience } = this.#work;
    if (patience) this.#watch = setInterval(() => this.#look(patience), 1000);
    for (let k = 0; k < size; k++) this.#hire();
  }

  /** There may be jobs for those that wait. */
  wake(): void {
    for (const [worker, at] of this.#at) if (!at) this.#give(worker);
  }

  /** Ends all workers, in the middle of a job if need be. */
  close(): void {
    clearInterval(this.#watch);
    const workers = [...this.#at.keys()];
    this.#at.clear();
    for (const worker of workers) worker.close();
  }

  #give(worker: CrewWorker<Ask, Reply>) {
    const job = this.#again.pop() ?? this.#work.next();
    this.#at.set(worker, job === undefined ? null : { job, since: performance.now() });
    if (job !== undefined) worker.post(this.#work.ask(job));
  }

  #hire() {
    const worker = this.#make();
    worker.listen(
      (message) => {
        const at = this.#at.get(worker);
        if (!at) return;
        this.#slowest = Math.max(this.#slowest, performance.now() - at.since);
        if (!this.#work.take(message, at.job)) this.#again.push(at.job);
        // Nobody is left where that was all.
        if (this.#at.has(worker)) this.#give(worker);
      },
      (reason) => this.#gone(worker, reason),
    );
    this.#give(worker);
  }

  #gone(worker: CrewWorker<Ask, Reply>, reason: string) {
    const at = this.#at.get(worker);
    if (!this.#at.delete(worker)) return;
    if (at) this.#again.push(at.job);
    if (++this.#deaths > mostDeaths) this.#work.failed(new TiltLabError('engine', `workers keep dying: ${reason}`, ''));
    else this.#hire();
  }

  #look(patience: (slowest: number) => number) {
    for (const [worker, at] of [...this.#at]) {
      if (!at || performance.now() - at.since < patience(this.#slowest)) continue;
      worker.close();
      this.#gone(worker, 'it stopped answering');
    }
  }
}
