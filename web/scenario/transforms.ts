import type { Scenario } from '../generated/scenario.js';

type Transform = NonNullable<Scenario['transform']>;
type ParametersOf<K> = readonly Exclude<keyof Extract<Transform, { kind: K }>, 'kind' | 'x' | 'y'>[];

/** Kinds of transforms with their numbers, in the order in which links and the core have them. */
export const transforms: { readonly [K in Transform['kind']]: ParametersOf<K> } = {
  step: ['at', 'height'],
  indicator: ['at'],
  clip: ['lower', 'upper'],
  power: ['exponent'],
  sigmoid: ['at', 'scale'],
  table: [],
};

/** Its numbers in their order; undefined for one that is left out. */
export const parametersOf = (transform: Transform): (number | undefined)[] =>
  transforms[transform.kind].map((name) => (transform as unknown as Record<string, number | undefined>)[name]);
