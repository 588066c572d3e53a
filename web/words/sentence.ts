import { html, type TemplateResult } from 'lit';
import { amount, chosen, drafts, plural, signed } from './format.js';
import { hasNoBudget, isBestOfNOptimal, isConstant, isPastSaturation } from './holds.js';
import { lacking } from './missing.js';
import { raised } from './raised.js';
import { lengthOf, type Shown } from './shown.js';

/** A number in the sentence, with its exact value and the report's field, for whoever reads the page by machine. */
const stated = (field: string, value: number, text: string, className = '') =>
  html`<b class=${className} data-field=${field} data-value=${String(value)}>${raised(text)}</b>`;

const few = (x: number) => chosen(x, 3);

/** "the best of 2,981 drafts of 40 words" */
const bestOf = ({ scenario, view: { report, derived }, unit }: Shown) => {
  const n = drafts(derived.n, derived.log10_n);
  return html`best of ${stated('budget.log_n', report.budget.log_n, n, 'best-of-n')} ${n === '1' ? 'draft' : 'drafts'}${
    unit ? html` of ${amount(lengthOf(scenario), unit)}` : ''
  }`;
};

/** What the first nat buys and what the next one does, which is what the page asks; then both policies at equal KL. */
export function sentence(shown: Shown): TemplateResult {
  const { report, derived } = shown.view;
  const { first_nat, next_nat } = derived;
  const earned = (of: 'best_of_n' | 'kl_rl' | 'kl_rl_at_bon_kl' | 'model', className = '') => {
    const { reward } = report[of];
    const field = `${of}.reward`;
    return reward === null
      ? html`what ${raised(lacking(report, field))}`
      : stated(field, reward, signed(reward, Math.abs(reward) < 1 ? 2 : 4), className);
  };
  const budget = stated('budget.kl', report.budget.kl, `${chosen(report.budget.kl, 4)}`);
  const base = earned('model');
  if (isConstant(shown))
    return html`<p aria-live="off">Every draft earns ${base}. For ${budget} ${plural(report.budget.kl, 'nat')}, the ${bestOf(shown)} earns
      ${earned('best_of_n', 'best-of-n')} too, and so does the optimal tilt, ${earned('kl_rl', 'kl-rl')}: there is nothing to buy.</p>`;
  const firstNat =
    first_nat === null
      ? ''
      : html`The first nat of KL buys ${stated('first_nat', first_nat, signed(first_nat, 3), 'kl-rl')}`;
  if (hasNoBudget(shown))
    return html`<p aria-live="off">${firstNat}${firstNat && '. '}For ${budget} nats, the ${bestOf(shown)} is the base itself and earns
      ${earned('best_of_n', 'best-of-n')}, and so is the optimal tilt, ${earned('kl_rl', 'kl-rl')}.</p>`;
  const nextNat =
    next_nat === null
      ? ''
      : html`the next after ${budget} buys ${next_nat === 0 ? 'nothing' : stated('next_nat', next_nat, signed(next_nat, 3), 'kl-rl')}`;
  const buys = firstNat && nextNat ? html`${firstNat}, ${nextNat}. ` : firstNat ? html`${firstNat}. ` : '';
  const { kl } = report.best_of_n;
  const best = html`the ${bestOf(shown)} earns ${earned('best_of_n', 'best-of-n')}`;
  const tilt = isBestOfNOptimal(shown) ? 'no more' : earned('kl_rl_at_bon_kl', 'kl-rl');
  return html`<p aria-live="off">${buys}${
    kl === null
      ? html`The base earns ${base}, ${best}; for as much KL the optimal tilt earns ${tilt}.`
      : html`For ${stated('best_of_n.kl', kl, `${few(kl)} ${plural(Number(few(kl)), 'nat')}`)}, ${best}, the optimal tilt ${tilt}; the base,
        for nothing, ${base}.`
  } ${
    isPastSaturation(shown)
      ? html`The whole budget buys the best there is, ${earned('kl_rl', 'kl-rl')}.`
      : html`All ${budget} ${plural(report.budget.kl, 'nat')} would buy the tilt ${earned('kl_rl', 'kl-rl')}.`
  }</p>`;
}
