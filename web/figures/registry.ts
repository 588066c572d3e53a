import { cumulants } from './cumulants.js';
import { directions } from './directions.js';
import { divergence } from './divergence.js';
import { dual } from './dual.js';
import type { Figure } from './figure.js';
import { fixed } from './fixed.js';
import { frontier } from './frontier.js';
import { gap } from './gap.js';
import { laws } from './laws.js';
import { near } from './near.js';
import { rates } from './rates.js';
import { renyi } from './renyi.js';
import { divergences } from './renyi-divergence.js';
import { simplex } from './simplex.js';
import { spending } from './spending.js';
import { tangent } from './tangent.js';

/** All figures: a new one is one file and one line here. */
export const figures: readonly Figure[] = [
  frontier,
  laws,
  gap,
  cumulants,
  directions,
  divergence,
  dual,
  fixed,
  near,
  rates,
  renyi,
  divergences,
  simplex,
  spending,
  tangent,
];
