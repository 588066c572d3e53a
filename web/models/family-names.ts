import type { Family } from '../scenario/families.js';
import type { ContinuousModel } from '../scenario/scenario.js';

/** How a family is called, with its article where a sentence goes on with "reward". */
export const familyNames: Record<Family, [name: string, adjective: string]> = {
  uniform: ['uniform', 'a uniform'],
  normal: ['normal', 'a normal'],
  exponential: ['exponential', 'an exponential'],
  gamma: ['gamma', 'a gamma distributed'],
  beta: ['beta', 'a beta distributed'],
  weibull: ['Weibull', 'a Weibull distributed'],
  lognormal: ['lognormal', 'a lognormal'],
  logistic: ['logistic', 'a logistic'],
  laplace: ['Laplace', 'a Laplace distributed'],
  gumbel: ['Gumbel (of maxima)', 'a Gumbel distributed'],
  student_t: ['Student t', 'a Student t distributed'],
  quantiles: ['quantile table', 'a tabulated'],
};

/** "a mirrored normal" */
export const adjectiveOf = ({ family, mirrored }: ContinuousModel): string =>
  mirrored ? familyNames[family][1].replace(/^an? /, 'a mirrored ') : familyNames[family][1];
