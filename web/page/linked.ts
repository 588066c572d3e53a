import type { Axis } from '../link/codec.js';
import { stampOf } from '../link/digest.js';
import { encodeLink } from '../link/encode.js';
import type { Shown } from '../words/shown.js';

/** The address of what is shown, from its `#` on. */
export const linkOf = ({ scenario, view }: Shown, axis: Axis | null): string =>
  encodeLink(scenario, stampOf(view.report), axis);
