import { html } from 'lit';
import type { NearPolicies } from '../engine/statements.js';
import { isChain } from '../models/transform.js';
import { chosen, number, power } from '../words/format.js';
import { isConstant, isPastSaturation } from '../words/holds.js';
import type { Shown } from '../words/shown.js';
import { linesFigure } from './lines.js';

const of = ({ view }: Shown) => view.statements.near ?? null;
/** Under this a divergence is the rounding of its sum. */
const least = 1e-7;

/** Policies near the optimum: how far from it they are, against how far the statement lets them be. */
export const near = linesFigure({
  name: 'near',
  part: 'near',
  claims: [
    {
      holds: isConstant,
      claim: 'Every policy is as good.',
      rest: 'Every draft earns the same, so any policy that spends nothing is the base.',
    },
    {
      holds: isPastSaturation,
      claim: 'Past saturation.',
      rest: 'The optimum is a single choice, and nothing is near it.',
    },
    {
      holds: (shown) => !of(shown)?.kl.length,
      claim: 'Whoever is as good must be close.',
      rest: 'Here no policies could be drawn near the optimum.',
    },
    {
      claim: 'Whoever is as good must be close.',
      rest: (shown) => {
        const policies = of(shown);
        const crossed = policies?.kl_to_optimum.filter((kl, i) => kl > (policies.bound[i] ?? 0) + 1e-9).length ?? 0;
        return `Each dot is ${isChain(shown) ? 'a chain, over long sequences' : 'a policy'}: of ${policies?.kl.length ?? 0} drawn near the optimum, ${crossed === 0 ? 'none is' : `${crossed} are`} farther from it than its shortfall allows.`;
      },
    },
  ],
  plot(shown) {
    const policies = of(shown);
    if (!policies || policies.kl.length === 0) return null;
    const own = shown.view.near;
    const all = [
      ...policies.bound,
      ...policies.kl_to_optimum,
      ...(own?.bound ?? []),
      ...(own?.kl_to_optimum ?? []),
    ].filter((v) => v > least);
    const low = 10 ** Math.floor(Math.log10(Math.min(...all)));
    const high = 10 ** Math.ceil(Math.log10(Math.max(...all)));
    const format = (v: number) => (v >= 0.01 ? chosen(v, 3) : power(Math.round(Math.log10(v))));
    return {
      x: { domain: [low, high], log: true, label: 'what its shortfall allows, ε₁ + α ε₂ (nats)', format },
      y: { domain: [low, high], log: true, label: 'its KL to the optimum (nats)', format },
      series: [
        { name: 'a policy', className: 'base', x: policies.bound, y: policies.kl_to_optimum, marks: true },
        { name: 'the bound', className: 'ink', x: [low, high], y: [low, high], label: 0.75, side: 1 },
      ],
      marks: ownMark(own),
    };
  },
  columns(shown) {
    const policies = of(shown);
    return [
      { name: 'reward a token', values: policies?.reward ?? [] },
      { name: 'KL to the base (nats)', values: policies?.kl ?? [] },
      { name: 'reward slack', values: policies?.reward_slack ?? [] },
      { name: 'KL slack (nats)', values: policies?.kl_slack ?? [] },
      { name: 'KL to the optimum', values: policies?.kl_to_optimum ?? [] },
      { name: 'the same by the identity', values: policies?.identity ?? [] },
      { name: 'bound', values: policies?.bound ?? [] },
    ];
  },
  read(shown, at) {
    const policies = of(shown);
    if (!policies) return '';
    return describe(policies, at);
  },
});

const ownMark = (own: NearPolicies | null) => {
  const kl = own?.kl_to_optimum[0] ?? 0;
  const bound = own?.bound[0] ?? 0;
  return kl > least && bound > least ? [{ x: bound, y: kl, text: 'yours', className: 'ink', side: -1 as const }] : [];
};

/** How far a policy is from the optimum's reward and KL, said by its side. */
const aside = (x: number, above: string, below: string, equal: string) =>
  x === 0 ? equal : `${number(Math.abs(x), 3)} ${x > 0 ? above : below}`;

/** One policy in words, with both sides of the identity. */
export function describe(policies: NearPolicies, at: number) {
  const [reward = 0, kl = 0] = [policies.reward_slack[at], policies.kl_slack[at]];
  return html`It earns ${aside(reward, 'less than the optimum', 'more than the optimum', 'as much as the optimum')} and spends ${aside(
    kl,
    'nats more',
    'nats less',
    'as much',
  )}; its KL to the optimum is ${number(policies.kl_to_optimum[at] ?? 0, 4)}, by the identity ${number(policies.identity[at] ?? 0, 4)}`;
}
