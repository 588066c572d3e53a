import type { Scenario } from '../scenario/scenario.js';
import type { ViewOptions } from './facade.js';
import type { Line } from './line.js';
import { isHere } from './port.js';
import type { Reply } from './protocol.js';
import type { View } from './types.js';

/** Milliseconds that a newer view waits at least before the engine that keeps it waiting is given up. */
const patience = 250;

/** Engines that may go one after another: what makes them go may be what is asked. */
const mostDeaths = 3;

/** Whoever asks for views, one after another. */
export interface Asker {
  readonly lane: number;
  /** How long a view of its may keep others waiting: longer where its views took long, so that they do end. */
  patient: number;
  /** As the engine knows it too. */
  last: View | null;
}

export const asker = (lane: number): Asker => ({ lane, patient: patience, last: null });

/** A view that somebody waits for. */
export interface Job {
  readonly by: Asker;
  readonly scenario: Scenario;
  readonly options: ViewOptions;
  resolve(view: View | null): void;
  reject(error: Error): void;
  /** When the engine began with it, in milliseconds; 0 before. */
  begun: number;
  /** Whether nobody waits for it any longer. */
  dropped?: boolean;
}

type ViewReply = Extract<Reply, { type: 'view' }>;

/**
 * Views of several lanes on one engine, which makes one at a time. Of each lane one waits at most, a newer one in its
 * place; the lanes take turns, in the order in which they began to wait. One that takes long gives way: to a newer one of
 * its own lane for good, to another lane's until that had its turn, each time after twice as long, so that it does end.
 */
export class Turns {
  #running: Job | null = null;
  /** At most one of each lane, the next one first. */
  readonly #waiting: Job[] = [];
  #deaths = 0;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  readonly #line: Line;
  readonly #replaced: () => void;

  /** @param replaced called when another engine is there, before it is asked for the next view */
  constructor(line: Line, replaced: () => void) {
    this.#line = line;
    this.#replaced = replaced;
  }

  get isIdle(): boolean {
    return this.#running === null && this.#waiting.length === 0;
  }

  ask(job: Job): void {
    if (!this.#running) {
      this.#begin(job);
      return;
    }
    const place = this.#placeOf(job.by);
    this.#waiting[place]?.resolve(null);
    this.#waiting[place] = job;
    this.#watch();
  }

  /** Nobody waits for it any longer: the engine that is busy with it is given up at once. */
  drop(job: Job): void {
    job.resolve(null);
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    // Beside the page nothing interrupts it; and an engine that is still loading goes on with that.
    if (job !== this.#running || isHere()) return;
    if (job.begun) this.#replace((gone) => gone.resolve(null));
    else job.dropped = true;
  }

  /** Drops all that a lane waits for. */
  dropAll(by: Asker): void {
    for (const job of [this.#waiting[this.#placeOf(by)], this.#running]) if (job?.by === by) this.drop(job);
  }

  /** The engine is there, and computes. */
  begun(): void {
    const job = this.#running;
    if (job?.dropped) this.#replace((gone) => gone.resolve(null));
    else if (job) job.begun = performance.now();
    this.#watch();
  }

  viewed({ view: changed, same }: ViewReply): void {
    this.#deaths = 0;
    this.#finish((job) => {
      const { by } = job;
      const view = { ...changed, ...Object.fromEntries(same.map((part) => [part, by.last?.[part]])) } as View;
      by.last = view;
      if (job.begun) by.patient = Math.max(patience, 2 * (performance.now() - job.begun));
      job.resolve(view);
    });
  }

  /**
   * The engine is gone: another takes its place and makes what it was making.
   * @returns false where several have gone one after another
   */
  died(): boolean {
    if (++this.#deaths > mostDeaths) return false;
    this.renew();
    if (this.#running) this.#begin(this.#running);
    return true;
  }

  /** Another engine takes the place of one that can do nothing more. */
  renew(): void {
    this.#line.replace();
    this.#replaced();
  }

  failed(error: Error): void {
    this.#finish((job) => job.reject(error));
  }

  close(): void {
    clearTimeout(this.#giveUp);
  }

  /** Where a lane waits, or would. */
  #placeOf(by: Asker): number {
    const place = this.#waiting.findIndex((job) => job.by === by);
    return place < 0 ? this.#waiting.length : place;
  }

  #begin(job: Job) {
    const { by, scenario, options } = job;
    job.begun = 0;
    this.#running = job;
    this.#line.post({ type: 'view', lane: by.lane, scenario, options });
  }

  #finish(settle: (job: Job) => void) {
    const job = this.#running;
    this.#running = null;
    clearTimeout(this.#giveUp);
    const next = this.#waiting.shift();
    if (next) this.#begin(next);
    if (job) settle(job);
  }

  /** Closes the engine in the middle of its work; another goes on with all but the view that ran. */
  #replace(settle: (job: Job) => void) {
    this.renew();
    this.#finish(settle);
  }

  #giveWay(job: Job) {
    job.by.patient *= 2;
    const place = this.#placeOf(job.by);
    if (this.#waiting[place]) this.#replace((gone) => gone.resolve(null));
    else {
      this.#waiting[place] = job;
      this.#replace(() => {});
    }
  }

  /** Looks after a view that keeps others waiting, from when the engine has begun with it. */
  #watch() {
    clearTimeout(this.#giveUp);
    const job = this.#running;
    const line = this.#line;
    if (!job?.begun || this.#waiting.length === 0 || isHere()) return;
    const ran = performance.now() - job.begun;
    const { patient } = job.by;
    this.#giveUp = setTimeout(
      () => {
        if (line.hasSpare) this.#giveWay(job);
        else {
          line.prepare();
          this.#watch();
        }
      },
      Math.max(0, (line.hasSpare ? patient : patient / 2) - ran),
    );
  }
}
