import type { View } from '../engine/types.js';
import { defaultScenario } from '../scenario/defaults.js';
import type { Scenario } from '../scenario/scenario.js';
import { type Shown, unitOf } from '../words/shown.js';

const stills = import.meta.glob<Partial<View>>('../generated/stills/*.json', { import: 'default' });

/** The default scenario's figure without an engine, from numbers computed when the site was built; null for others. */
export async function stillOf(scenario: Scenario, figure: string): Promise<Shown | null> {
  const load = stills[`../generated/stills/${figure}.json`];
  const same = (['model', 'budget', 'policies'] as const).every(
    (field) => JSON.stringify(scenario[field]) === JSON.stringify(defaultScenario[field]),
  );
  if (!load || !same) return null;
  // Each still has the parts that its figure shows.
  const view = (await load()) as View;
  return { scenario, view, unit: unitOf(scenario), simulated: null };
}
