import type { TiltLabError } from '../scenario/error.js';
import { parseScenario, type Scenario } from '../scenario/scenario.js';

/**
 * A scenario that was refused for probabilities that do not sum to 1, with those divided by their sum; null where it was
 * refused for something else.
 */
export function normalised(refused: Scenario, { message, path }: TiltLabError): Scenario | null {
  if (!message.includes('probabilities sum to')) return null;
  const scenario = structuredClone(refused);
  // Of `model.prompts[3].model.outcomes` what holds the list.
  const owner = path.replace(/\.\w+(\[\d+\])?$/, '').match(/\w+/g) ?? [];
  const model = owner.reduce<unknown>((held, name) => (held as Record<string, unknown> | undefined)?.[name], scenario);
  if (typeof model !== 'object' || model === null) return null;
  (model as { normalise?: boolean }).normalise = true;
  try {
    return parseScenario(scenario);
  } catch {
    return null;
  }
}
