import { nats, number, whole } from '../words/format.js';
import { bare } from './called.js';
import type { BestOfNRow, Interval, Judged, NotExtrapolated } from './types.js';

/** One thing that the numbers say, with the number and its doubt. */
export interface Advice {
  about: 'n' | 'range' | 'gain' | 'kl' | 'turn' | 'ceiling' | 'price' | 'length' | 'votes' | 'further' | 'unknown';
  n: number | null;
  value: number | null;
  interval: Interval;
  words: string;
}

/** What the files called what they hold, and what was read of them. */
export interface Named {
  reward: string;
  /** null where there is no gold. */
  gold: string | null;
  hasLogprob: boolean;
  /** Rows left out. */
  refused: number;
}

const digits = 3;
/** Of what KL-RL gains it may be more than all. */
const percent = (share: number) => `${number(100 * share, share < 0.1 ? 2 : 3)} %`;
const plain = (x: number | null) => number(x, digits);
const doubt = (interval: Interval) => (interval ? ` [${plain(interval[0])}, ${plain(interval[1])}]` : '');
const withDoubt = (x: number | null, interval: Interval) => `${plain(x)}${doubt(interval)}`;

/** What a row is judged by: gold, or the reward itself where there is none. */
export const judgedOf = (row: BestOfNRow): { value: number; interval: Interval } =>
  row.gold === null
    ? { value: row.reward, interval: row.reward_interval }
    : { value: row.gold, interval: row.gold_interval };

/** What all sentences are made of. */
interface Found {
  judged: Judged;
  named: Named;
  /** What is judged, by the files' name for it. */
  what: string;
  best: BestOfNRow;
  one: BestOfNRow;
  last: BestOfNRow;
}

const about = (
  topic: Advice['about'],
  n: number | null,
  value: number | null,
  interval: Interval,
  words: string,
): Advice => ({ about: topic, n, value, interval, words });

function aboutN({ best, last, what, named }: Found): Advice {
  const { value, interval } = judgedOf(best);
  const highest = `has the highest ${bare(what)}, ${withDoubt(value, interval)}`;
  const words =
    best.n === 1
      ? `One draft ${highest}: choosing by ${named.reward} gains nothing here.`
      : best.n === last.n
        ? `Best-of-${whole(best.n)} ${highest}: the most drafts that every prompt has. More might gain more.`
        : `Best-of-${whole(best.n)} ${highest}.`;
  return about('n', best.n, value, interval, words);
}

/** Where no prompt has two drafts that differ in reward nothing can be chosen: no N is better than another. */
function aboutTies({ judged: { curves, prompts, most, rows }, named, what, one }: Found): Advice | null {
  const areTied = curves.best_of_n.at(-1)?.kl_plug_in === 0;
  // All prompts say the same, or there is one.
  const isOneReward = prompts === 1 || one.reward_interval === null;
  if (!areTied || (most === 1 && !(isOneReward && prompts > 1))) return null;
  const { value, interval } = judgedOf(one);
  const tied = isOneReward
    ? `All ${whole(rows)} drafts have ${bare(named.reward)} ${plain(one.reward)}`
    : `All drafts of a prompt have the same ${bare(named.reward)}, in the mean ${withDoubt(one.reward, one.reward_interval)}`;
  const so =
    named.gold === null
      ? 'there is nothing to choose by'
      : `choosing by it leaves ${what} at ${withDoubt(value, interval)}, whatever N`;
  return about('n', one.n, value, interval, `${tied}: ${so}.`);
}

function aboutRange({ judged: { advice } }: Found): Advice | null {
  if (advice.from === advice.to || advice.gain_interval === null) return null;
  const words = `From N = ${whole(advice.from)} to ${whole(advice.to)} these data cannot tell the difference.`;
  return about('range', advice.from, advice.to, [advice.from, advice.to], words);
}

function aboutGain({ judged: { advice }, best, one }: Found): Advice {
  const words = `Over one draft, ${plain(judgedOf(one).value)}, that gains ${withDoubt(advice.gain, advice.gain_interval)}.`;
  return about('gain', best.n, advice.gain, advice.gain_interval, words);
}

function aboutKl({ judged: { advice }, best }: Found): Advice {
  const share =
    advice.share_of_tilt === null
      ? 'too few drafts carry KL-RL at that KL'
      : `it earns ${percent(advice.share_of_tilt)} of what KL-RL gains there`;
  const words = `It costs ${nats(best.kl_plug_in)} nats of KL, ties counted, at most ${nats(best.kl_bound)}; ${share}.`;
  return about('kl', best.n, best.kl_plug_in, best.kl_plug_in_interval, words);
}

/** Whether gold turns: a claim that the paired interval makes, or leaves open. */
function aboutTurn({ judged: { advice }, named, best, last }: Found): Advice | null {
  if (best.n === last.n || named.gold === null) return null;
  if (advice.lost === 0) {
    const words = `Best-of-${whole(last.n)} has as much, with more drafts.`;
    return about('turn', best.n, 0, advice.lost_interval, words);
  }
  const lost = withDoubt(advice.lost, advice.lost_interval);
  const open = advice.lost_interval
    ? 'these data cannot tell that it falls'
    : 'these data do not tell whether it falls';
  const words =
    advice.lost_interval && advice.lost_interval[0] > 0
      ? `Past N = ${whole(best.n)} ${named.gold} falls while ${named.reward} rises: best-of-${whole(last.n)} loses ${lost} of it.`
      : `Best-of-${whole(last.n)} has ${lost} less: ${open}.`;
  return about('turn', best.n, advice.lost, advice.lost_interval, words);
}

function aboutCeiling({ judged: { curves }, named, best }: Found): Advice | null {
  const row = curves.ceiling.find(({ n }) => n === best.n);
  if (!row) return null;
  const words = `Who could tell the best of ${whole(best.n)} by ${named.gold} itself would have ${withDoubt(row.gold, row.gold_interval)}.`;
  return about('ceiling', best.n, row.gold, row.gold_interval, words);
}

function aboutLength({ judged: { advice }, named, best }: Found): Advice | null {
  const share = advice.gain_by_length;
  if (share === null) return null;
  const words = `Of what ${named.reward} gains at N = ${whole(best.n)}, ${percent(Math.max(share, 0))} goes with length.`;
  return about('length', best.n, share, null, words);
}

function aboutPrice({ judged: { advice } }: Found): Advice | null {
  if (advice.stop === null) return null;
  return about('price', advice.stop, null, null, `At that price a next draft pays up to N = ${whole(advice.stop)}.`);
}

/** Whether the answers elect better than the reward chooses. */
function aboutVotes({ judged: { curves }, best, named, what }: Found): Advice | null {
  const vote = [...curves.majority].reverse().find(({ n }) => n <= best.n);
  if (!vote) return null;
  const words = `The majority of ${whole(vote.n)} answers has ${what} ${withDoubt(vote.gold, vote.gold_interval)}${named.gold === null ? '' : `, where ${named.reward} chooses ${plain(judgedOf(best).value)}`}.`;
  return about('votes', vote.n, vote.gold, vote.gold_interval, words);
}

/** What more drafts than were drawn would find. */
function aboutFurther({
  judged: { curves, most, beta, tail_index, tail_index_interval },
  named,
  what,
}: Found): Advice | null {
  const rows = named.gold === null ? curves.best_of_n.map((row) => ({ ...row, ...reward(row) })) : curves.ceiling;
  const row = rows.find(({ n, estimator }) => estimator === 'extrapolated' && n >= 2 * most);
  if (!row) return null;
  const found = withDoubt(row.gold, row.gold_interval);
  const words = beta
    ? `With ${whole(row.n)} drafts a prompt, ${found} would have one that is right, if chances follow a Beta law.`
    : `The best of ${whole(row.n)} drafts would have ${bare(what)} ${found}, if scores go on as the best of these do (tail index ${withDoubt(tail_index, tail_index_interval)}).`;
  return about('further', row.n, row.gold, row.gold_interval, words);
}
const reward = (row: BestOfNRow) => ({ gold: row.reward, gold_interval: row.reward_interval });

const unknown = (words: string) => about('unknown', null, null, null, words);

/** The report's advice, in the order in which it matters. */
export function adviceOf(judged: Judged, named: Named): Advice[] {
  const row = (n: number) => judged.curves.best_of_n.find((each) => each.n === n) as BestOfNRow;
  const { best, largest } = judged.advice;
  const what = named.gold ?? named.reward;
  const found: Found = { judged, named, what, best: row(best), one: row(1), last: row(largest) };
  const left = named.refused > 0 ? [`${whole(named.refused)} rows were left out.`] : [];
  const tied = aboutTies(found);
  if (tied) return [tied, ...left.map(unknown)];
  const gains = [aboutGain, aboutKl, aboutTurn, aboutCeiling, aboutVotes, aboutLength];
  const said = [
    aboutN(found),
    aboutRange(found),
    ...[...(best > 1 ? gains : [aboutTurn]), aboutPrice, aboutFurther].map((say) => say(found)),
  ];
  return [...said.filter((each) => each !== null), ...[...unknowns(judged, named), ...left].map(unknown)];
}

/** Why more drafts than were drawn are not foretold. */
const furtherUnknown: Record<NotExtrapolated, string> = {
  '': '',
  chances: 'the drafts do not fix how chances differ between prompts',
  few_drafts: 'the tail of scores takes 32 drafts a prompt',
  few_prompts: 'the tail of scores takes 100 prompts',
  ties: 'the best drafts tie, and tied scores have no tail',
  heavy_tail: 'a few very high scores decide what more drafts would have',
};

/** What these data cannot tell. */
function unknowns(judged: Judged, named: Named): string[] {
  const out: string[] = [];
  if (named.gold === null)
    out.push(`There is no gold column: whether a higher ${named.reward} is better cannot be told from these files.`);
  if (judged.prompts === 1)
    out.push('One prompt tells nothing of others: its intervals are of what it would have with other drafts.');
  else if (judged.prompts < 8) out.push(`${judged.prompts} prompts are few: the intervals trust in a normal law.`);
  if (judged.fewest < judged.most)
    out.push(
      `A prompt has ${whole(judged.fewest)} drafts, another ${whole(judged.most)}: past N = ${whole(judged.fewest)} some curves are plug-ins, which are too low for what rises.`,
    );
  if (judged.curves.kl_rl.length === 0)
    out.push('Too few drafts a prompt for KL-RL: its weights would rest on fewer than ten.');
  const further = furtherUnknown[judged.not_extrapolated];
  if (further) out.push(`Past N = ${whole(judged.fewest)} nothing is told: ${further}.`);
  if (named.hasLogprob)
    out.push(
      'Log-probabilities are those of the law that drew the drafts only at temperature 1, without top-p and top-k.',
    );
  return out;
}
