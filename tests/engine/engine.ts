import type * as tiltlab from '../../web/engine/index.js';

/** The package as it is built, so that what is tested is what is shipped. */
export const {
  loadEngine,
  parseScenario,
  parseScenarioText,
  TiltLabError,
  encodeLink,
  decodeLink,
  stampOf,
}: typeof tiltlab = await import(new URL('../../build/lib/node/index.js', import.meta.url).href);
export const engine = await loadEngine();
export type { Report, Scenario, View } from '../../web/engine/index.js';
