import type { Scenario } from '../scenario/scenario.js';

/** Milliseconds between keys of one movement. */
const together = 1000;

/** When the address is to be written: at once, or when the hand rests. */
export type Due = 'now' | 'rest';

/**
 * What the address owes to the reader's changes, and which of them are one entry of the browser's history, so that Back
 * undoes a whole gesture. No browser, no clock.
 *
 * The hand:
 *
 *            a change in hand              released
 *   still ────────────────────▶ dragging ────────────▶ still
 *     │ a key                                            A gesture is one entry, and so are
 *     ▼                                                  keys that move the same within a second.
 *   stepping ──the same key, soon──▶ stepping ──any other change──▶ as from still
 *
 * The address:
 *
 *             change            its answer, of a hand that goes on          it rests
 *   nothing ─────────▶ answer ─────────────────────────────────────▶ rest ──────────▶ write
 *      ▲                 │ its answer, released                                         │
 *      │                 └───────────────────────────────▶ write ───────────────────────┤
 *      │                 │ refused, or dropped for another scenario                     │
 *      └─────────────────┴──────────────────────────────────────────────────────────────┘
 *
 * A question that is dropped for a newer one of the same scenario, as what comes into view asks, leaves its change owed:
 * that answer brings it. Browsers refuse addresses that change at every frame, hence the rest.
 */
export class Owing {
  /** Place in this page's part of the browser's history. */
  #entry = 0;
  #last = 0;
  /** Whether the next writing is an entry of its own. */
  #isNew = false;
  #inHand = false;
  /** What a key moved last, and when. */
  #step = '';
  #steppedAt = 0;
  /** Changes that wait for their answer, and what is due with it. */
  readonly #owed = new Map<Scenario, Due>();
  #rests = false;

  get hand(): 'still' | 'dragging' | 'stepping' {
    return this.#inHand ? 'dragging' : this.#step ? 'stepping' : 'still';
  }

  get owes(): 'nothing' | 'answer' | 'rest' {
    return this.#rests ? 'rest' : this.#owed.size > 0 ? 'answer' : 'nothing';
  }

  get canUndo(): boolean {
    return this.#entry > 0;
  }

  get canRedo(): boolean {
    return this.#entry < this.#last;
  }

  /**
   * @param step what a key moved, empty where none did
   * @param now in milliseconds
   */
  change(scenario: Scenario, released: boolean, step: string, now: number): void {
    const goesOn = step !== '' && step === this.#step && now - this.#steppedAt < together;
    this.#step = step;
    this.#steppedAt = now;
    this.#isNew ||= !this.#inHand && !goesOn;
    this.#inHand = !released;
    this.#owed.set(scenario, released && !goesOn ? 'now' : 'rest');
  }

  /** @returns what is due now that this is shown; null where nobody waited for it */
  answer(scenario: Scenario): Due | null {
    const due = this.#owed.get(scenario) ?? null;
    this.#owed.delete(scenario);
    if (due) this.#rests = due === 'rest';
    return due;
  }

  /** Refused, or another took its place. */
  drop(scenario: Scenario): void {
    this.#owed.delete(scenario);
  }

  /** @returns the entry to write, and whether it is a new one */
  write(): { entry: number; isNew: boolean } {
    const isNew = this.#isNew;
    if (isNew) this.#last = ++this.#entry;
    this.#isNew = false;
    this.#rests = false;
    return { entry: this.#entry, isNew };
  }

  /** The browser went to an entry of its history. */
  open(entry: number): void {
    this.#rests = false;
    this.#step = '';
    this.#entry = entry;
    this.#last = Math.max(this.#last, entry);
  }
}
