import type { Scenario, Transform } from '../../scenario/scenario.js';
import { parametersOf } from '../../scenario/transforms.js';
import type { CoreFields, CoreForm } from './form.js';
import { coreFormOf } from './registry.js';

const none = new Float64Array();

/** What the core takes of any model that may be transformed, empty. */
const empty = { path: '', p: none, gold: none, counts: false, initial: none, transition: none };

/** Of a clip the end that is left out is infinite. */
const ends = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

const fieldsOf = (transform: Transform, model: CoreFields): CoreFields => ({
  ...empty,
  ...model,
  kind: 'transformed',
  of: model.kind,
  transform: transform.kind,
  parameters: Float64Array.from(parametersOf(transform), (x, i) => x ?? (ends[i] as number)),
  x: transform.kind === 'table' ? Float64Array.from(transform.x) : none,
  y: transform.kind === 'table' ? Float64Array.from(transform.y) : none,
});

/** All of a scenario but what is asked of its model. */
export interface Drawn {
  model: Scenario['model'];
  transform?: Scenario['transform'] | undefined;
}

/** How a scenario's model goes to the core, transformed where the scenario says so: then it has no vocabulary, since its
 * sequences are drawn whole. */
export function formOf({ model, transform }: Drawn): CoreForm<Scenario['model']> {
  const form = coreFormOf(model);
  if (!transform) return form;
  return { core: (of) => fieldsOf(transform, form.core(of)) };
}
