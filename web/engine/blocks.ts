import { TiltLabError } from '../scenario/error.js';
import type { Model, Scenario } from '../scenario/scenario.js';
import { coreBudget, coreModel, unwrap } from './boundary.js';
import { finite } from './json.js';
import type { CoreBudget, CoreModel, CoreSimulation, FullModule } from './module.js';
import { type Block, blocksOf, defaultReplicates, type Roller, replicatesIn, type Simulated } from './simulation.js';

interface Drawable {
  model: CoreModel;
  budget: CoreBudget;
  simulation: CoreSimulation;
}

/** The core's own form of what is drawn from. @throws TiltLabError */
function drawableOf({ model, transform, budget, simulation, policies = [] }: Scenario): Drawable {
  return {
    model: coreModel({ model, transform }),
    budget: coreBudget(budget),
    simulation: {
      method: simulation?.method ?? '',
      seed: simulation?.seed ?? 1,
      replicates: simulation?.replicates ?? defaultReplicates,
      policies,
    },
  };
}

/** Blocks of replicates by a core, and what they come to. */
export function blocksBy(core: FullModule, parseScenario: (scenario: Scenario) => Scenario): Roller {
  /** What was last drawn from: thousands of blocks are asked for. */
  let drawn: { model: Model; rest: string; of: Drawable } | null = null;
  const drawable = (scenario: Scenario, anew: boolean) => {
    const { model, transform, budget, simulation, policies } = scenario;
    const rest = JSON.stringify([transform, budget, simulation, policies]);
    if (anew || drawn?.model !== model || drawn.rest !== rest)
      drawn = { model, rest, of: drawableOf(parseScenario(scenario)) };
    return drawn.of;
  };
  return {
    simulateBlock(scenario, block) {
      const { model, budget, simulation } = drawable(scenario, block <= 0);
      const { size, count, replicates } = blocksOf(scenario);
      const first = Math.max(0, block) * size;
      if (block >= count) throw new TiltLabError('input', `block: ${block} is not below ${count}`, 'block');
      const sums = unwrap<Float64Array>(
        core.simulate(model, budget, simulation, first, block < 0 ? 0 : Math.min(size, replicates - first)),
      );
      return Array.from(sums);
    },
    summarise(scenario, blocks: readonly Block[]) {
      const { model, budget, simulation } = drawable(scenario, false);
      const inOrder = [...blocks].sort((a, b) => a.index - b.index);
      const sums = Float64Array.from(inOrder.flatMap((block) => block.sums));
      const replicates = replicatesIn(
        scenario,
        blocks.map(({ index }) => index),
      );
      const found = unwrap<object>(core.summarise(model, budget, simulation, sums, replicates));
      return finite({ engine: core.version(), seed: simulation.seed, replicates, ...found }) as Simulated;
    },
  };
}
