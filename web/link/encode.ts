import { deflateSync } from 'fflate';
import type { Scenario } from '../scenario/scenario.js';
import { writeLink } from './codec.js';
import type { Stamp } from './digest.js';

/** Text as deflated bytes in the URL's alphabet of base64. */
function pack(text: string): string {
  const bytes = deflateSync(new TextEncoder().encode(text), { level: 9 });
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The scenario as the part of an address after `#`, with what the engine found. */
export const encodeLink = (scenario: Scenario, stamp: Stamp): string => writeLink(scenario, stamp, pack);
