import { html } from 'lit';
import { chosen, number } from '../words/format.js';
import { hasNoBudget, isConstant, isPastLimit, isPastSaturation } from '../words/holds.js';
import { lengthOf, type Shown } from '../words/shown.js';
import { nearestIndex } from './figure.js';
import { linesFigure, rounded } from './lines.js';

const of = ({ view }: Shown) => view.statements.rates ?? null;
const per = ({ unit }: Shown) => (unit ? ` per ${unit}` : '');

const exactMarks = (shown: Shown) =>
  of(shown)?.exact.base.reward.length
    ? ` Marks: the exact −(1/n) log P at n = ${chosen(lengthOf(shown.scenario), 3)}.`
    : '';

/** How rare a reward is, on the scale of the exponent. */
export const rates = linesFigure({
  name: 'rates',
  part: 'rates',
  claims: [
    { holds: isConstant, claim: 'Nothing is rare.', rest: 'Every draft earns the same.' },
    {
      holds: isPastSaturation,
      claim: 'Past saturation.',
      rest: 'Nothing but the best is left, and nothing else has a rate.',
    },
    {
      holds: isPastLimit,
      claim: 'Past saturation in the long run.',
      rest: 'So large a budget leaves long sequences nothing but the best ways round, and nothing else has a rate.',
    },
    {
      holds: hasNoBudget,
      claim: 'One law, one rate.',
      rest: (shown) => `Without a budget all three are the base model.${exactMarks(shown)}`,
    },
    {
      claim: 'Same mean, other rarities.',
      rest: (shown) =>
        `In the limit best-of-N is rarer than the tilt by more and more above KL-RL’s mean; far enough below it, its probability falls doubly exponentially.${exactMarks(shown)}`,
    },
  ],
  plot(shown) {
    const rate = of(shown);
    if (!rate || rate.reward.length === 0) return null;
    const inView = rate.reward.filter(
      (_, i) => Math.min(rate.base[i] as number, rate.kl_rl[i] as number) < 2.2 * shownRate(shown),
    );
    const [low = 0, high = 1] = [inView[0], inView.at(-1)];
    return {
      x: { domain: rounded([low, high]), label: `reward${per(shown)}` },
      y: {
        domain: rounded([0, 2.2 * shownRate(shown)]),
        label: `−(1/n) log P${shown.unit ? ` (nats a ${shown.unit})` : ''}`,
      },
      series: [
        { name: 'base', className: 'base', x: rate.reward, y: rate.base, label: 0.12 },
        { name: 'KL-RL', className: 'kl-rl', x: rate.reward, y: rate.kl_rl, label: 0.98, side: -1 },
        { name: 'best of N', className: 'best-of-n dashed', x: rate.reward, y: rate.best_of_n, label: 0.9 },
        { name: 'base, exact', className: 'base', x: rate.exact.base.reward, y: rate.exact.base.rate, marks: true },
        { name: 'KL-RL, exact', className: 'kl-rl', x: rate.exact.kl_rl.reward, y: rate.exact.kl_rl.rate, marks: true },
        {
          name: 'best of N, exact',
          className: 'best-of-n',
          x: rate.exact.best_of_n.reward,
          y: rate.exact.best_of_n.rate,
          marks: true,
        },
      ],
      rules: [{ at: rate.mean_kl_rl, text: 'mean of KL-RL' }],
    };
  },
  columns(shown) {
    const rate = of(shown);
    return [
      { name: `reward${per(shown)}`, values: rate?.reward ?? [] },
      { name: 'rate, base', values: rate?.base ?? [] },
      { name: 'rate, KL-RL', values: rate?.kl_rl ?? [] },
      { name: 'rate, best of N', values: rate?.best_of_n ?? [] },
      ...(['base', 'kl_rl', 'best_of_n'] as const).flatMap((name) => [
        { name: `reward, exact ${name}`, values: rate?.exact[name].reward ?? [] },
        { name: `−(1/n) log P, exact ${name}`, values: rate?.exact[name].rate ?? [] },
      ]),
    ];
  },
  read(shown, at) {
    const rate = of(shown);
    if (!rate) return '';
    const best = rate.best_of_n[at] ?? null;
    const k = nearestIndex(rate.exact.base.reward, rate.reward[at] as number);
    return html`${number(rate.reward[at] as number, 4)}${per(shown)}: <span class="muted">base ${number(rate.base[at] as number, 4)}</span>,
      <span class="kl-rl">KL-RL ${number(rate.kl_rl[at] as number, 4)}</span>, <span class="best-of-n">best-of-N ${best === null ? 'never' : number(best, 4)}</span>${
        rate.exact.base.reward[k] === undefined
          ? ''
          : `; exact base at ${number(rate.exact.base.reward[k], 4)}: ${number(rate.exact.base.rate[k] as number, 4)}`
      }`;
  },
});

/** What the axis is measured by: the budget, or where there is none what it takes to double the reward's spread. */
const shownRate = ({ view }: Shown) =>
  Math.max(view.statements.tilt?.rate ?? 0, view.report.limits?.rate ?? view.report.budget.kl, 0.023);
