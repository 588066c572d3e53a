import type { EngineClient, Lane } from '../engine/client.js';
import type { Simulated } from '../engine/simulation.js';
import { curveNames, statementNames } from '../engine/statements.js';
import { type Tables, tableNames } from '../engine/tables.js';
import type { View } from '../engine/types.js';
import type { Axis } from '../link/codec.js';
import { kindOf } from '../models/registry.js';
import { defaultScenario } from '../scenario/defaults.js';
import type { TiltLabError } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import { budgetOf, lengthOf, type PartName, partOf, type Shown, unitOf } from '../words/shown.js';
import { dragged } from './frames.js';
import { Waiting } from './waiting.js';

/** The budget a token, where the scenario states one or the length gives it; of the draw, without a length. */
const rateOf = (scenario: Scenario): number =>
  'kl_per_token' in scenario.budget ? scenario.budget.kl_per_token : budgetOf(scenario) / lengthOf(scenario);

/** Short texts get a longer axis, so that N reaches numbers that someone would draw. */
const axisOf = ({ model }: Scenario, end: number): number => Math.max(end, kindOf(model).leastAxis?.(model) ?? 0);

/** Milliseconds that an answer may take during a drag before the page shows what was asked: mostly both come at once. */
const patience = 50;

/** Milliseconds without a change after which tables are computed: nobody reads numbers that move, and some take a while. */
const restful = 120;

const partNames: readonly PartName[] = [...curveNames, ...statementNames];

/** What a simulation depends on beside its seed and replicates. */
const drawnOf = ({ model, transform, budget, policies }: Scenario) =>
  JSON.stringify([model, transform, budget, policies]);

/** Hears of the reader's changes and of what comes of them. */
export interface Follower {
  changed(scenario: Scenario, released: boolean, step: string): void;
  /** It is shown, asked for by a change or not. */
  answered?(scenario: Scenario): void;
  /** It is refused, or another took its place. */
  dropped?(scenario: Scenario): void;
  /** It is looked at another way. */
  turned?(): void;
}

/**
 * One scenario and what is shown of it; figures, sentence and controls read it. A page has one, an embed too, and several
 * stand side by side on one engine, on which each has a lane of its own.
 */
export class Session {
  /** What was drawn of which scenario; null before. */
  simulated: { of: string; result: Simulated } | null = null;
  /** The reader's own policy: the optimum tilted and bent, in the base's standard deviations. */
  near = { tilt: -0.3, bend: 0.8 };
  follower: Follower | null = null;
  /** What the frontier's policies are judged by; null for the reward. */
  axis: Axis | null = null;
  /** What stands behind the `#` of the address that shows the same. */
  readonly linkOf: (shown: Shown) => string;
  readonly #connect: () => EngineClient;
  #lane: Lane | null = null;
  readonly #waiting = new Waiting(defaultScenario, 0.4);
  readonly #listeners = new Set<() => void>();
  #telling = 0;
  #tabling = 0;
  #again = 0;
  /** How often a part of the engine was asked for again. */
  #vain = 0;
  /** How many figures and tables in view show each part of a view. */
  readonly #needed = new Map<PartName, number>();

  /** @param connect gives the engine, which starts when it is first asked for */
  constructor(connect: () => EngineClient, linkOf: (shown: Shown, axis: Axis | null) => string) {
    this.#connect = connect;
    this.linkOf = (shown) => linkOf(shown, this.axis);
  }

  /** The reader judges by something else. */
  turn(axis: Axis | null): void {
    if (axis === this.axis) return;
    this.axis = axis;
    this.follower?.turned?.();
  }

  /** What the reader asked for last; what is shown follows it. */
  get scenario(): Scenario {
    return this.#waiting.scenario;
  }

  get shown(): Shown | null {
    return this.#waiting.shown;
  }

  /** Why the last question was refused. */
  get error(): TiltLabError | null {
    return this.#waiting.error;
  }

  /** The last question that was refused. */
  get refused(): Scenario | null {
    return this.#waiting.refused;
  }

  /** End of the budget's axis, nats a token (of the draw, without a length). */
  get rateEnd(): number {
    return axisOf(this.scenario, this.#waiting.end);
  }

  get engine(): EngineClient {
    return this.#connect();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells all who listen that what is to be seen is another. */
  tell(): void {
    clearTimeout(this.#telling);
    this.#waiting.told();
    for (const listener of this.#listeners) listener();
  }

  /** What shows a part of the view comes into view, or leaves it. */
  need(name: PartName, inView: boolean): void {
    this.#needed.set(name, (this.#needed.get(name) ?? 0) + (inView ? 1 : -1));
    if (inView) this.#fill();
  }

  /** Asks again where what is in view lacks its part. */
  #fill() {
    const { shown } = this;
    if (
      shown &&
      !shown.view.late &&
      partNames.some((name) => this.#needs(name) && partOf(shown.view, name) === undefined)
    )
      void this.show(this.scenario);
    this.#tabulateLater();
  }

  #tabulateLater() {
    clearTimeout(this.#tabling);
    if (this.#lacking().length > 0) this.#tabling = window.setTimeout(() => void this.#tabulate(), restful);
  }

  /** Tables that are in view, and not of the scenario on show. */
  #lacking() {
    const { shown } = this;
    return shown ? tableNames.filter((name) => this.#needs(name) && partOf(shown.view, name) === undefined) : [];
  }

  /** Asks for the tables alone, and puts them beside what is shown if that is still the same. */
  async #tabulate(): Promise<void> {
    const { shown } = this;
    const tables = this.#lacking();
    if (!shown || !this.#lane || tables.length === 0 || this.#waiting.asks !== 'still') return;
    const put = (found: Partial<Tables>) => {
      const now = this.shown;
      if (now?.scenario !== shown.scenario) return;
      this.#waiting.shown = { ...now, view: { ...now.view, tables: { ...now.view.tables, ...found } } };
      this.tell();
    };
    try {
      const klEnd = this.rateEnd * lengthOf(shown.scenario);
      const view = await this.#lane.view(shown.scenario, { klEnd, curves: [], statements: [], tables });
      if (view) put(view.tables ?? {});
    } catch {
      // The report stands; what could not be had is not asked for again.
      put(Object.fromEntries(tables.map((name) => [name, null])));
    }
  }

  readonly #needs = (name: PartName) => (this.#needed.get(name) ?? 0) > 0;

  /** Computes everything, in view or not, for paper. */
  async complete(): Promise<void> {
    const need = (more: 1 | -1) => {
      for (const name of [...partNames, ...tableNames]) this.#needed.set(name, (this.#needed.get(name) ?? 0) + more);
    };
    need(1);
    try {
      // A change of the reader's meanwhile asks for all of them too.
      while (this.shown && partNames.some((name) => this.shown && partOf(this.shown.view, name) === undefined))
        if (!(await this.show(this.scenario)) ? this.error : this.shown.view.late) return;
      await this.#tabulate();
    } finally {
      need(-1);
    }
  }

  setNear(near: { tilt: number; bend: number }, released: boolean): void {
    dragged(released);
    this.near = near;
    void this.show(this.scenario, released);
  }

  /** Shows dice beside the exact numbers, for as long as they are of the scenario on show. */
  setSimulated(scenario: Scenario, result: Simulated): void {
    this.simulated = { of: drawnOf(scenario), result };
    const { shown } = this;
    if (shown) this.#waiting.shown = { ...shown, simulated: this.#simulatedOf(shown.scenario) };
    this.tell();
  }

  readonly #simulatedOf = (scenario: Scenario) =>
    this.simulated && this.simulated.of === drawnOf(scenario) ? this.simulated.result : null;

  /**
   * A change by the reader.
   * @param released false within a gesture, up to the change that ends it
   * @param step what a key moved
   */
  async change(scenario: Scenario, released = true, step = ''): Promise<void> {
    dragged(released);
    this.follower?.changed(scenario, released, step);
    await this.show(scenario, released);
  }

  /** Another scenario altogether, with an axis of its own. */
  async load(scenario: Scenario): Promise<void> {
    this.scale(scenario);
    await this.change(scenario);
  }

  /** Gives the budget an axis on which a scenario's own stands well. */
  scale(scenario: Scenario): void {
    this.#waiting.end = 2 * rateOf(scenario) || (unitOf(scenario) ? 0.4 : 2);
  }

  /** @returns what is shown now; null where it was refused, or another question took the place of this one */
  async show(scenario: Scenario, released = true): Promise<View | null> {
    const waiting = this.#waiting;
    clearTimeout(this.#tabling);
    const rate = rateOf(scenario);
    const question = waiting.ask(scenario, rate > axisOf(scenario, waiting.end) ? 1.25 * rate : waiting.end);
    const telling = waiting.tell(released);
    if (telling === 'now') this.tell();
    else if (telling === 'soon') this.#telling = window.setTimeout(() => this.tell(), patience);
    try {
      this.#lane ??= this.engine.lane();
      const view = await this.#lane.view(scenario, {
        klEnd: this.rateEnd * lengthOf(scenario),
        curves: curveNames.filter(this.#needs),
        statements: statementNames.filter(this.#needs),
        ...(this.#needs('near') ? { near: this.near } : {}),
      });
      if (!view) {
        if (!waiting.drop(question)) this.follower?.dropped?.(scenario);
        return null;
      }
      waiting.answer({ scenario, view, unit: unitOf(scenario), simulated: this.#simulatedOf(scenario) });
      this.tell();
      this.follower?.answered?.(scenario);
      if (!view.late) this.#vain = 0;
      this.#askAgain(view.late);
      if (waiting.asks !== 'still') return view;
      const spent = view.report.budget.kl / lengthOf(scenario);
      if (!('beta' in scenario.budget) || spent <= this.rateEnd) this.#fill();
      else {
        // A KL coefficient says only now where it stands.
        waiting.end = 1.25 * spent;
        return this.show(scenario, released);
      }
      return view;
    } catch (error) {
      waiting.fail(question, error);
      this.tell();
      this.follower?.dropped?.(scenario);
      this.#askAgain(this.error?.kind === 'start');
      if (waiting.asks === 'still') this.#tabulateLater();
      return null;
    }
  }

  readonly #retry = () => {
    this.#askAgain(false);
    void this.show(this.scenario);
  };

  /** A part of the engine that did not come is asked for again: when the line is back, and ever less often. */
  #askAgain(misses: boolean | undefined) {
    if (this.#again) {
      clearTimeout(this.#again);
      removeEventListener('online', this.#retry);
      this.#again = 0;
    }
    if (!misses) return;
    addEventListener('online', this.#retry);
    this.#again = window.setTimeout(this.#retry, Math.min(30_000, 1000 * 2 ** this.#vain++));
  }

  /** Lets go of its lane, and of what was asked on it. */
  close(): void {
    this.#askAgain(false);
    clearTimeout(this.#tabling);
    this.#lane?.close();
    this.#lane = null;
  }
}
