import { number, percent, whole } from '../../words/format.js';
import type { Equivalence } from '../types.js';
import { type Measured, type Shadows, type Told, three, within } from './charts.js';

/** The lengths that the drafts can tell of. */
const toldOf = (measured: readonly Measured[]) => measured.filter(({ found }) => !found.is_refused);

const holds = ([low, high]: readonly [number, number], value: number) => low <= value && value <= high;

/** The page's answer in a sentence. */
export function answer(measured: readonly Measured[], drafts: number): string {
  const told = toldOf(measured);
  const [first] = told;
  const last = told.at(-1);
  if (!first?.found.gap || !last?.found.gap || first === last)
    return `${whole(drafts)} drafts are too few to tell: draw more, or lower the budget.`;
  const share = (last.found.best_of_n?.value ?? 0) / (last.found.kl_rl?.value || 1);
  return `With ${whole(last.length)} words a draft and N = ${number(last.found.n, 3)}, best-of-N earns ${percent(share)} of what the best policy within the same budget, log N, would: it leaves ${within(last.found.gap, last.length)} of reward a word, where at ${first.length === 1 ? 'one word' : `${whole(first.length)} words`} it left ${within(first.found.gap, first.length)}.`;
}

/** Of a quantity by words: whether it falls, and how near the exact curve of single words it stays. */
function fall(measured: readonly Measured[], quantity: 'gap' | 'kl_to_kl_rl', shadows: Shadows | null): Told {
  const told = toldOf(measured);
  const [first] = told;
  const last = told.at(-1);
  const what = quantity === 'gap' ? 'The gap' : 'The KL between both';
  const a = first?.found[quantity];
  const b = last?.found[quantity];
  if (measured.length === 0) return { claim: `${what} is told once there are drafts.`, rest: '' };
  if (!first || !last || !a || !b || first === last)
    return { claim: `${what} cannot be told from so few drafts.`, rest: 'Draw more, or lower the budget.' };
  const per = ({ length, found }: Measured, end: 0 | 1) => (found[quantity]?.interval[end] ?? 0) / length;
  const worth = ({ length, found }: Measured) => (found[quantity]?.value ?? 0) / length;
  const peak = told.reduce((top, each) => (worth(each) > worth(top) ? each : top));
  const rises = per(peak, 0) > per(first, 1);
  const falls = per(last, 1) < per(rises ? peak : first, 0);
  const claim = !falls
    ? `${what} a word does not fall for certain up to ${whole(last.length)} words.`
    : rises
      ? `${what} a word rises up to ${whole(peak.length)} words; from there on it falls, as the theorem says in the end.`
      : `${what} a word falls with the length, as the theorem says of words without memory.`;
  const of = quantity === 'gap' ? 'gap' : 'kl';
  const compared = shadows
    ? told.flatMap(({ length, found }) => {
        const exact = shadows.order0.find((row) => row.length === length)?.[of];
        const mine = found[quantity];
        return exact === undefined || !mine
          ? []
          : [holds([mine.interval[0] / length, mine.interval[1] / length], exact)];
      })
    : [];
  const inside = compared.filter(Boolean).length;
  const beside =
    compared.length > 0
      ? ` The exact curve of single words is within the intervals at ${whole(inside)} of ${whole(compared.length)} lengths.`
      : '';
  return {
    claim,
    rest: `From ${within(a, first.length)} to ${within(b, last.length)}; bands are 95 % intervals.${beside}`,
  };
}

export const gapSaid = (measured: readonly Measured[], shadows: Shadows | null) => fall(measured, 'gap', shadows);
export const klSaid = (measured: readonly Measured[], shadows: Shadows | null) =>
  fall(measured, 'kl_to_kl_rl', shadows);

/** What to take home, each with its doubt. */
export function conclusions(measured: readonly Measured[], shadows: Shadows | null): string[] {
  const told = toldOf(measured);
  const last = told.at(-1);
  const refused = measured.filter(({ found }) => found.is_refused);
  const out: string[] = [];
  const exact = last && shadows?.order0.find(({ length }) => length === last.length);
  const gap = last?.found.gap;
  if (last && exact && gap) {
    const per: [number, number] = [gap.interval[0] / last.length, gap.interval[1] / last.length];
    out.push(
      holds(per, exact.gap)
        ? `A transformer remembers what it wrote, which the theorem does not allow. At ${whole(last.length)} words these drafts cannot tell its gap from that of single words drawn by their frequency: ${within(gap, last.length)} against ${three(exact.gap)} exactly.`
        : `At ${whole(last.length)} words the transformer’s gap, ${within(gap, last.length)} a word, is ${gap.value / last.length > exact.gap ? 'larger' : 'smaller'} than that of single words, ${three(exact.gap)} exactly: its memory shows.`,
    );
  }
  const held = last?.found.held_out;
  if (last && held && last.found.kl_rl)
    out.push(
      `The optimum here is known from drafts alone. Found on one half of them and tried on the other it spends ${three(held.kl)} nats instead of ${three(last.found.kl)} and earns ${three(held.reward)}, where all together say ${within(last.found.kl_rl)}; ${whole(held.effective_sample_size)} of those ${whole(last.found.drafts / 2)} drafts carry it.`,
    );
  if (refused[0])
    out.push(
      `From ${whole(refused[0].length)} words on too few drafts carry the tilt (an effective sample of ${number(refused[0].found.effective_sample_size, 2)}): nothing is said.`,
    );
  return out;
}

/** Reward of a policy at the longest length. */
export const earned = (found: Equivalence | undefined, policy: 'base' | 'best_of_n' | 'kl_rl') => {
  const value = found?.[policy];
  return value ? within(value) : '–';
};
