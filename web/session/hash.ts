import { type Axis, decodeLink, type Opened, writeLink } from '../link/codec.js';
import { stampOf } from '../link/digest.js';
import { defaultScenario } from '../scenario/defaults.js';
import { asTiltLabError } from '../scenario/error.js';
import { decoded, encoded } from '../scenario/percent.js';
import { parseScenarioText } from '../scenario/scenario.js';
import type { Shown } from '../words/shown.js';

/** What stands behind the `#` of an address. */

/** Whether it names a part of the page, which is no scenario. */
export const isSection = (hash: string): boolean => /^#[a-z][a-z-]*$/.test(hash);

/** What it says: a link, a scenario as JSON, or the default scenario where there is nothing. */
export function readHash(hash: string): Opened {
  const text = hash.replace('#', '');
  if (text === '' || isSection(hash)) return { scenario: defaultScenario, problems: [], stamp: null };
  if (!/^(\{|%7B)/i.test(text)) return decodeLink(hash);
  try {
    return { scenario: parseScenarioText(decoded(text) ?? text), problems: [], stamp: null };
  } catch (error) {
    return { scenario: defaultScenario, problems: [asTiltLabError(error)], stamp: null };
  }
}

/** A link, or the scenario itself where its rows would have to be packed: as short as it can be without packing. */
export function unpacked({ scenario, view }: Shown, axis: Axis | null): string {
  const tooLong = new Error('needs packing');
  try {
    const refuse = () => {
      throw tooLong;
    };
    return writeLink(scenario, stampOf(view.report), refuse, axis);
  } catch (error) {
    if (error !== tooLong) throw error;
    return `#${encoded(JSON.stringify(scenario))}`;
  }
}
