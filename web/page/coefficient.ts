import { html, type TemplateResult } from 'lit';
import type { Budget } from '../scenario/scenario.js';
import type { Session } from '../session/session.js';
import { chosen, plural } from '../words/format.js';
import { lengthOf, type Shown } from '../words/shown.js';
import { type Control, controls, lengthSlider, slider } from './controls.js';

const digits = (value: number) => Number(value.toPrecision(3));

/** Powers of ten of the slider, about the deviation of what one unit earns. */
const [low, high] = [-2, 2];

/** The KL coefficient, for those who set it instead of a budget: alpha = 1 / beta. */
function coefficientControl(session: Session, { view: { report }, scenario, unit }: Shown, beta: number): Control {
  const middle = (report.model.reward_sd || 1) / Math.sqrt(lengthOf(scenario));
  const total = chosen(report.budget.kl, 4);
  return {
    name: 'KL coefficient β',
    unit: `, ${total} ${plural(report.budget.kl, 'nat')}${unit ? ' in all' : ''}`,
    value: beta,
    text: chosen(beta, 4),
    spoken: `${chosen(beta, 4)}, which spends ${total} nats`,
    position: (Math.log10(beta / middle) - low) / (high - low),
    fromPosition: (position) => digits(middle * 10 ** (low + position * (high - low))),
    near: digits,
    rule: 'a number above 0',
    accepts: (value) => value > 0 && value <= 1e300,
    set: (value, released, byKey) =>
      void session.change({ ...session.scenario, budget: { beta: value } }, released, byKey ? 'beta' : ''),
  };
}

/** The budget by whatever the reader sets it by, and the length of models that have one. */
export function pageControls(session: Session, shown: Shown): TemplateResult {
  const { budget } = session.scenario;
  if (!('beta' in budget)) return controls(session, shown);
  return html`${slider(coefficientControl(session, shown, budget.beta))}${lengthSlider(session, shown)}`;
}

/** The same budget by the other measure, to three digits: the nats that a coefficient spends, or the coefficient of a budget. */
export function otherMeasure({ scenario, view: { report, derived }, unit }: Shown): Budget {
  if (!('beta' in scenario.budget)) return { beta: digits(1 / (report.kl_rl.alpha || 1)) || 1 };
  return unit ? { kl_per_token: digits(derived.kl_per_token ?? 0) } : { kl: digits(report.budget.kl) };
}
