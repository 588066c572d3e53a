/** Continuous families and their parameters, in the order that the core expects; a quantile table has lists instead. */
export const families = {
  uniform: ['lower', 'upper'],
  normal: ['mean', 'sd'],
  exponential: ['rate'],
  gamma: ['shape', 'scale'],
  beta: ['alpha', 'beta'],
  weibull: ['shape', 'scale'],
  lognormal: ['location', 'scale'],
  logistic: ['location', 'scale'],
  laplace: ['location', 'scale'],
  gumbel: ['location', 'scale'],
  student_t: ['df'],
  quantiles: [],
} as const satisfies Record<string, readonly string[]>;

export type Family = keyof typeof families;

/** Every parameter's name once. */
export const parameterNames = [...new Set(Object.values(families).flat())];
