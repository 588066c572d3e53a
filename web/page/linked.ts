import { stampOf } from '../scenario/digest.js';
import { encodeLink } from '../scenario/encode.js';
import type { Shown } from './shown.js';

/** The address of what is shown, from its `#` on. */
export const linkOf = ({ scenario, view }: Shown): string => encodeLink(scenario, stampOf(view.report));
