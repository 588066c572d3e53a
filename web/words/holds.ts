import type { Report } from '../engine/types.js';
import { isSaturated } from './missing.js';
import type { Shown } from './shown.js';

/** Nothing may be spent: both policies are the base. */
export const hasNoBudget = ({ view }: Shown): boolean => view.report.budget.kl === 0;
/** Every draft earns the same: no policy earns more or less. */
export const isConstant = ({ view }: Shown): boolean => view.report.model.reward_sd === 0;
/** The budget buys the best there is every time. */
export const isPastSaturation = ({ view }: Shown): boolean => isSaturated(view.report);
/** Long sequences of a chain cannot spend the budget, whether sequences of this length can or not: the limit has no finite α. */
export const isPastLimit = ({ view }: Shown): boolean => view.report.limits?.log_constant === null;
/** No finite α is known, whether there is none or it could not be had. */
export const lacksAlpha = ({ view }: Shown): boolean => view.report.kl_rl.alpha === null;

/** Whether a number of a report is nothing beside another, within what the report promises. */
export const isNothing = (x: number | null, beside: number | null, { error_bound = 0 }: Report): boolean =>
  x !== null && Math.abs(x) <= Math.max(1e-11, 4 * error_bound) * Math.max(1, Math.abs(beside ?? 0));

/**
 * Whether best-of-N earns all that its KL can buy, which only the tilt does. Beside what it gains over the base the
 * difference must be nothing: at a tiny budget both are small.
 */
export function isBestOfNOptimal({ view: { report } }: Shown): boolean {
  const { reward_at_bon_kl: less } = report.gap;
  const { reward } = report.kl_rl_at_bon_kl;
  if (less === null || reward === null || report.model.reward === null) return false;
  return less === 0 || Math.abs(less) <= 1e-9 * (reward - report.model.reward);
}

/** Whether what the tilt earns more at equal KL drowns in what the report promises. */
export const isGapUnknown = ({ view: { report } }: Shown): boolean =>
  report.gap.reward_at_bon_kl === null ||
  report.best_of_n.kl === null ||
  isNothing(report.gap.reward_at_bon_kl, 1, report);
