import type { Scenario } from '../scenario/scenario.js';
import { type Axis, writeLink } from './codec.js';
import type { Stamp } from './digest.js';
import { pack } from './pack.js';

/** The scenario as the part of an address after `#`, with what the engine found. */
export const encodeLink = (scenario: Scenario, stamp: Stamp, axis: Axis | null = null): string =>
  writeLink(scenario, stamp, pack, axis);
