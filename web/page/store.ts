import { connect, type EngineClient } from '../engine/client.js';
import { TiltLabError } from '../engine/error.js';
import type { View } from '../engine/types.js';
import type { Scenario } from '../scenario/scenario.js';

/** What a scenario's draws are made of; null for a single draw. */
export type Unit = 'word' | 'token' | null;

/** What the page shows: one scenario with its view. */
export interface Shown {
  scenario: Scenario;
  view: View;
  unit: Unit;
}

export const unitOf = ({ model }: Scenario): Unit =>
  model.kind === 'finite' ? null : model.kind === 'text' ? 'word' : 'token';

export const lengthOf = ({ model }: Scenario): number => (model.kind === 'finite' ? 1 : model.length);

export const defaultScenario: Scenario = {
  v: 1,
  model: { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
  budget: { kl_per_token: 0.2 },
};

/** The one place that holds the scenario; figures, sentence and controls read it. */
export class Store {
  scenario: Scenario = defaultScenario;
  shown: Shown | null = null;
  error: TiltLabError | null = null;
  #rateEnd = 0.4;
  readonly #listeners = new Set<() => void>();
  readonly #engine: EngineClient = connect();

  /**
   * End of the budget's axis, nats a token (of the draw, without a length). Short texts get a longer one, so that N
   * reaches numbers that someone would draw.
   */
  get rateEnd(): number {
    return Math.max(this.#rateEnd, Math.min(8, 16 / lengthOf(this.scenario)));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async set(scenario: Scenario): Promise<void> {
    this.scenario = scenario;
    const rate = 'kl_per_token' in scenario.budget ? scenario.budget.kl_per_token : 0;
    const before = this.#rateEnd;
    if (rate > this.rateEnd) this.#rateEnd = 1.25 * rate;
    this.#changed();
    try {
      const view = await this.#engine.view(scenario, { klEnd: this.rateEnd * lengthOf(scenario) });
      if (!view) return;
      this.shown = { scenario, view, unit: unitOf(scenario) };
      this.error = null;
    } catch (error) {
      if (this.scenario === scenario && this.shown) {
        this.scenario = this.shown.scenario;
        this.#rateEnd = before;
      }
      this.error = error instanceof TiltLabError ? error : new TiltLabError('engine', String(error), '');
    }
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const store = new Store();
