import { connect, type EngineClient } from '../engine/client.js';
import type { Simulated } from '../engine/simulation.js';
import { curveNames, statementNames } from '../engine/statements.js';
import type { View } from '../engine/types.js';
import { decodeLink, isPassedOver, type Opened, writeLink } from '../link/codec.js';
import { type Stamp, stampOf } from '../link/digest.js';
import { kindOf } from '../models/registry.js';
import { defaultScenario, defaults } from '../scenario/defaults.js';
import { asTiltLabError, TiltLabError } from '../scenario/error.js';
import { parseScenarioText, type Scenario } from '../scenario/scenario.js';
import { budgetOf, lengthOf, type PartName, partOf, type Shown, unitOf } from '../words/shown.js';
import { dragged } from './frames.js';

/** What came of opening a link: whether the engine finds what the link says. */
export type Verdict = { kind: 'reproduced'; stamp: Stamp } | { kind: 'differs'; link: Stamp; here: Stamp };

/** The same a token, where the scenario states one or the length gives it; of the draw, without a length. */
const rateOf = (scenario: Scenario): number =>
  'kl_per_token' in scenario.budget ? scenario.budget.kl_per_token : budgetOf(scenario) / lengthOf(scenario);

/** Milliseconds that an answer may take during a drag before the page shows what was asked: mostly both come at once. */
const patience = 50;
/** Milliseconds between keys of one movement. */
const together = 1000;

const partNames: readonly PartName[] = [...curveNames, ...statementNames];

/** What a simulation depends on beside its seed and replicates. */
const drawnOf = ({ model, budget, policies }: Scenario) => JSON.stringify([model, budget, policies]);

/** The one place that holds the scenario; figures, sentence, link and controls read it. */
export class Store {
  scenario: Scenario = defaultScenario;
  shown: Shown | null = null;
  error: TiltLabError | null = null;
  /** Of the link that was opened: fields that could not be read, and the verdict. */
  problems: TiltLabError[] = [];
  verdict: Verdict | null = null;
  /** What was drawn of which scenario; null before. */
  simulated: { of: string; result: Simulated } | null = null;
  /** The reader's own policy: the optimum tilted and bent, in the base's standard deviations. */
  near = { tilt: -0.3, bend: 0.8 };
  #rateEnd = 0.4;
  /** Whether the address follows what is shown. An embed's never does: it belongs to the page around it. */
  keepsAddress = true;
  /** Writes the address of what is shown. An embed's is as short as it can be without packing. */
  linkOf: (shown: Shown) => string = unpacked;
  /** The scenario that was opened, for the way back to it. */
  opened: Scenario = defaultScenario;
  #engine: EngineClient | null = null;
  readonly #listeners = new Set<() => void>();
  #inGesture = false;
  /** Place in this page's part of the browser's history, which is also the editor's undo. */
  #entry = 0;
  #lastEntry = 0;
  #push = false;
  #writing = 0;
  /** What keys moved last, and when: further keys within a second are one entry. */
  #step = '';
  #steppedAt = 0;
  #asking = 0;
  /** A change whose address waits for another answer than its own. */
  #owed: { scenario: Scenario; released: boolean } | null = null;
  /** How many figures in view show each part of a view. */
  readonly #needed = new Map<PartName, number>();

  /**
   * End of the budget's axis, nats a token (of the draw, without a length). Short texts get a longer one, so that N
   * reaches numbers that someone would draw.
   */
  get rateEnd(): number {
    const { model } = this.scenario;
    return Math.max(this.#rateEnd, kindOf(model).leastAxis?.(model) ?? 0);
  }

  /** Starts when it is first asked for. */
  get engine(): EngineClient {
    this.#engine ??= connect(this.keepsAddress ? 'worker' : 'shared');
    return this.#engine;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What shows a part of the view comes into view, or leaves it. */
  need(name: PartName, inView: boolean): void {
    this.#needed.set(name, (this.#needed.get(name) ?? 0) + (inView ? 1 : -1));
    if (inView) this.#complete();
  }

  /** Asks again where what is in view lacks its part. */
  #complete() {
    const { shown } = this;
    if (shown && this.#parts().some((name) => partOf(shown.view, name) === undefined)) void this.#show(this.scenario);
  }

  readonly #parts = () => partNames.filter((name) => (this.#needed.get(name) ?? 0) > 0);

  /** Computes everything, in view or not, for paper. */
  async complete(): Promise<void> {
    const need = (more: 1 | -1) => {
      for (const name of partNames) this.#needed.set(name, (this.#needed.get(name) ?? 0) + more);
    };
    need(1);
    try {
      // A change of the reader's meanwhile asks for all of them too.
      while (this.shown && partNames.some((name) => this.shown && partOf(this.shown.view, name) === undefined))
        if (!(await this.#show(this.scenario)) && this.error) return;
    } finally {
      need(-1);
    }
  }

  setNear(near: { tilt: number; bend: number }, released: boolean): void {
    dragged(released);
    this.near = near;
    void this.#show(this.scenario, released);
  }

  /** Shows dice beside the exact numbers, for as long as they are of the scenario on show. */
  setSimulated(scenario: Scenario, result: Simulated): void {
    this.simulated = { of: drawnOf(scenario), result };
    if (this.shown) this.shown = { ...this.shown, simulated: this.#simulatedOf(this.shown.scenario) };
    this.#changed();
  }

  readonly #simulatedOf = (scenario: Scenario) =>
    this.simulated?.of === drawnOf(scenario) ? this.simulated.result : null;

  get canUndo(): boolean {
    return this.#entry > 0;
  }

  get canRedo(): boolean {
    return this.#entry < this.#lastEntry;
  }

  /** The address of what is shown. */
  get link(): string {
    return this.shown ? this.linkOf(this.shown) : location.hash;
  }

  /**
   * A change by the reader. All steps of one gesture, up to the one that is `released`, are one entry of the
   * browser's history, so that Back undoes the whole of it.
   * @param step what a key moved, of which several in a row are one entry too
   */
  async change(scenario: Scenario, released = true, step = ''): Promise<void> {
    dragged(released);
    const now = performance.now();
    const goesOn = step !== '' && step === this.#step && now - this.#steppedAt < together;
    this.#step = step;
    this.#steppedAt = now;
    this.#push ||= !this.#inGesture && !goesOn;
    this.#inGesture = !released;
    this.verdict = null;
    this.problems = [];
    if (await this.#show(scenario, released)) this.#follow(released && !goesOn);
    // Or what comes into view asked for more of the same before the engine had got to it: that answer brings it.
    else if (this.scenario === scenario) this.#owed = { scenario, released: released && !goesOn };
  }

  /** Brings the address to what is shown. */
  #follow(released: boolean) {
    clearTimeout(this.#writing);
    // Browsers refuse addresses that change at every frame: within a gesture it follows when the hand rests.
    if (released) this.#write();
    else this.#writing = window.setTimeout(() => this.#write(), 200);
  }

  /** Another scenario altogether, with an axis of its own. */
  async load(scenario: Scenario): Promise<void> {
    this.#scale(scenario);
    await this.change(scenario);
  }

  /**
   * What a link says; the default scenario where there is none.
   * @param others problems of what came with the link
   */
  async open(hash: string, others: readonly TiltLabError[] = []): Promise<void> {
    clearTimeout(this.#writing);
    this.#step = '';
    const { entry } = ((this.keepsAddress && history.state) || {}) as { entry?: number };
    this.#entry = entry ?? 0;
    this.#lastEntry = Math.max(this.#lastEntry, this.#entry);
    const { scenario, problems, stamp } = readHash(hash);
    this.opened = scenario;
    this.problems = [...others, ...problems];
    this.verdict = null;
    this.#scale(scenario);
    const view = await this.#show(scenario);
    // An engine that does not start cannot compute the default either.
    if (!view && this.error && this.error.kind !== 'start') {
      // Only the engine could tell that the model is wrong: its default stands in, and the notice says so.
      this.problems = [...this.problems, this.error];
      this.opened = { ...defaultScenario, budget: defaults.budget };
      await this.#show(this.opened);
    } else if (view && stamp && problems.every(isPassedOver)) {
      const here = stampOf(view.report);
      this.verdict =
        here.digest === stamp.digest ? { kind: 'reproduced', stamp } : { kind: 'differs', link: stamp, here };
    }
    this.#changed();
  }

  /** For those who hear the page: what happened out of their sight. */
  said = '';

  say(words: string): void {
    this.said = words;
    this.#changed();
  }

  /** Says what is wrong with something that the reader asked for. */
  refuse(field: string, rule: string): void {
    this.problems = [...this.problems, new TiltLabError('input', `${field}: ${rule}`, field)];
    this.#changed();
  }

  dismiss(): void {
    this.problems = [];
    this.verdict = null;
    this.#changed();
  }

  #scale(scenario: Scenario) {
    this.#rateEnd = 2 * rateOf(scenario) || (unitOf(scenario) ? 0.4 : 2);
  }

  async #show(scenario: Scenario, released = true): Promise<View | null> {
    this.scenario = scenario;
    const rate = rateOf(scenario);
    const before = this.#rateEnd;
    if (rate > this.rateEnd) this.#rateEnd = 1.25 * rate;
    if (released) this.#changed();
    else this.#asking ||= window.setTimeout(() => this.#changed(), patience);
    try {
      const view = await this.engine.view(scenario, {
        klEnd: this.rateEnd * lengthOf(scenario),
        curves: curveNames.filter((name) => this.#parts().includes(name)),
        statements: statementNames.filter((name) => this.#parts().includes(name)),
        ...(this.#parts().includes('near') ? { near: this.near } : {}),
      });
      if (!view) return null;
      this.shown = { scenario, view, unit: unitOf(scenario), simulated: this.#simulatedOf(scenario) };
      this.error = null;
      this.#changed();
      if (this.#owed?.scenario === scenario) {
        this.#follow(this.#owed.released);
        this.#owed = null;
      }
      if (this.engine.idle) this.#complete();
      return view;
    } catch (error) {
      if (this.scenario === scenario && this.shown) {
        this.scenario = this.shown.scenario;
        this.#rateEnd = before;
      }
      this.error = asTiltLabError(error);
      this.#changed();
      return null;
    }
  }

  #write() {
    if (!this.keepsAddress) return;
    try {
      if (this.#push) {
        this.#entry++;
        this.#lastEntry = this.#entry;
        history.pushState({ entry: this.#entry }, '', this.link);
      } else {
        history.replaceState({ entry: this.#entry }, '', this.link);
      }
    } catch {
      // A sandboxed frame has no address of its own to write to.
    }
    this.#push = false;
  }

  #changed(): void {
    clearTimeout(this.#asking);
    this.#asking = 0;
    for (const listener of this.#listeners) listener();
  }
}

/** The address of what is shown: a link, or the scenario itself where its rows would have to be packed. */
function unpacked({ scenario, view }: Shown): string {
  const tooLong = new Error('needs packing');
  try {
    return writeLink(scenario, stampOf(view.report), () => {
      throw tooLong;
    });
  } catch (error) {
    if (error !== tooLong) throw error;
    return `#${encodeURIComponent(JSON.stringify(scenario))}`;
  }
}

/** Whether a hash names a part of the page, which is no scenario. */
export const isSection = (hash: string): boolean => /^#[a-z][a-z-]*$/.test(hash);

/** What a hash says: a link, a scenario as JSON, or the default scenario where there is nothing. */
export function readHash(hash: string): Opened {
  const text = hash.replace('#', '');
  if (text === '' || isSection(hash)) return { scenario: defaultScenario, problems: [], stamp: null };
  if (!/^(\{|%7B)/i.test(text)) return decodeLink(hash);
  try {
    return { scenario: parseScenarioText(decodeURIComponent(text)), problems: [], stamp: null };
  } catch (error) {
    return { scenario: defaultScenario, problems: [asTiltLabError(error)], stamp: null };
  }
}

export const store = new Store();
