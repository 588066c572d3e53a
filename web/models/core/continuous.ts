import { families } from '../../scenario/families.js';
import type { ContinuousModel } from '../../scenario/scenario.js';
import type { CoreForm } from './form.js';

export const continuous: CoreForm<ContinuousModel> = {
  core(model) {
    const { kind, family, mirrored = false } = model;
    const values = model as unknown as Record<string, number>;
    const table = model.family === 'quantiles' ? model : { u: [], reward: [] };
    return {
      kind,
      family,
      parameters: Float64Array.from(families[family], (name) => values[name] as number),
      u: Float64Array.from(table.u),
      reward: Float64Array.from(table.reward),
      mirrored,
    };
  },
};
