import { html, type TemplateResult } from 'lit';
import { amount, chosen, drafts, number, plural, signed } from './format.js';
import { lacking } from './missing.js';
import { raised } from './raised.js';
import { lengthOf, type Shown } from './shown.js';

/** A number in the sentence, with its exact value and the report's field, for whoever reads the page by machine. */
const stated = (field: string, value: number, text: string, className = '') =>
  html`<b class=${className} data-field=${field} data-value=${String(value)}>${raised(text)}</b>`;

/** What the frontier shows, in words. */
export function sentence({ scenario, view, unit }: Shown): TemplateResult {
  const { report, derived } = view;
  const n = drafts(derived.n, derived.log10_n);
  const ofLength = unit ? html` of ${amount(lengthOf(scenario), unit)}` : '';
  const later = view.gap?.gap[view.gap.length.findIndex((length) => length > lengthOf(scenario))];
  const left = unit ? derived.gap_per_token : report.gap.reward;
  const falls = unit && report.kl_rl.alpha !== null && left !== null && later != null && later < left;
  const earned = (name: 'best_of_n' | 'kl_rl', className: string) => {
    const { reward } = report[name];
    const field = `${name}.reward`;
    return reward === null
      ? html`what ${raised(lacking(report, field))}`
      : stated(field, reward, signed(reward), className);
  };
  return html`<p aria-live="off">For ${stated('budget.kl', report.budget.kl, `${chosen(report.budget.kl, 4)} ${plural(report.budget.kl, 'nat')}`)}, the best of
    ${stated('budget.log_n', report.budget.log_n, n, 'best-of-n')} ${derived.n === 1 ? 'draft' : 'drafts'}${ofLength} earns
    ${earned('best_of_n', 'best-of-n')}. The optimal tilt earns
    ${earned('kl_rl', 'kl-rl')}. What best-of-N leaves ${
      left === null
        ? raised(lacking(report, 'gap.reward'))
        : html`is ${stated(unit ? 'gap_per_token' : 'gap.reward', left, unit ? `${number(left, 2)} a ${unit}` : number(left, 3))}`
    }${falls ? html`, and the longer the text, the less` : ''}.</p>`;
}
