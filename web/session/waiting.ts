import { asTiltLabError, type TiltLabError } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Shown } from '../words/shown.js';

/** A scenario that was asked for. */
export interface Question {
  readonly scenario: Scenario;
  /** Where the budget's axis ended before: it goes back there when the scenario is refused. */
  readonly before: number;
}

/** When those who listen hear of a question: at once, after a while, or when they were to hear of an earlier one. */
export type Telling = 'now' | 'soon' | 'due';

/**
 * What is asked and what is shown, which move apart while an engine computes. No engine, no clock, no document.
 *
 * What is asked:
 *
 *            ask, let go              ask, in hand
 *   still ───────────────▶ asking ◀─────────────────▶ dragging
 *     ▲                      │       told or let go      │
 *     └──────────────────────┴───────────────────────────┘
 *               the last question is answered, refused or dropped
 *
 * Of what is dragged nobody is told before the answer is there or it takes long: mostly both come at once. Then it is
 * `asking`, and `dragging` again with the hand's next step.
 *
 * What is shown:
 *
 *              answer                fail, of the newest question:
 *   nothing ───────────▶ shown ◀──────────────────────────────────▶ refused
 *      │                          what is asked goes back to what is shown       answer: shown
 *      └──── fail ────▶ refused, and what was asked stays: there is nothing to go back to
 *
 * An answer to a question that is no longer the newest is shown all the same: the hand sees what it passed. A question is
 * dropped when a newer one took its place, and nothing comes of it.
 */
export class Waiting {
  /** What is asked, or was last. */
  scenario: Scenario;
  /** End of the budget's axis that it is asked on. */
  end: number;
  shown: Shown | null = null;
  error: TiltLabError | null = null;
  /** What was refused. */
  refused: Scenario | null = null;
  #open = 0;
  #isTold = true;

  constructor(scenario: Scenario, end: number) {
    this.scenario = scenario;
    this.end = end;
  }

  get asks(): 'still' | 'asking' | 'dragging' {
    return this.#open === 0 ? 'still' : this.#isTold ? 'asking' : 'dragging';
  }

  get shows(): 'nothing' | 'shown' | 'refused' {
    return this.error ? 'refused' : this.shown ? 'shown' : 'nothing';
  }

  ask(scenario: Scenario, end: number): Question {
    const question = { scenario, before: this.end };
    this.scenario = scenario;
    this.end = end;
    this.#open++;
    return question;
  }

  /** @param released whether the hand let go of what it asked for last */
  tell(released: boolean): Telling {
    if (!released && !this.#isTold) return 'due';
    this.#isTold = released;
    return released ? 'now' : 'soon';
  }

  /** Whoever listens was told of all there is. */
  told(): void {
    this.#isTold = true;
  }

  answer(shown: Shown): void {
    this.#open--;
    this.shown = shown;
    this.error = null;
  }

  fail({ scenario, before }: Question, error: unknown): void {
    this.#open--;
    this.error = asTiltLabError(error);
    this.refused = scenario;
    if (this.scenario !== scenario || !this.shown) return;
    this.scenario = this.shown.scenario;
    this.end = before;
  }

  /** @returns whether its scenario is still asked for, by a newer question */
  drop({ scenario }: Question): boolean {
    this.#open--;
    return this.scenario === scenario;
  }
}
