import { scaleLinear } from 'd3-scale';
import { html } from 'lit';
import type { Column } from '../../figures/figure.js';
import { largest, smallest } from '../../scenario/extent.js';
import { number, whole } from '../../words/format.js';
import { judgedOf } from '../advice.js';
import { bare, first } from '../called.js';
import type { BestOfNRow, CeilingRow, Interval, Judged, TiltRow } from '../types.js';
import type { Chart, Curve, Mark, Tick } from './chart.js';

/** What may stand on the vertical axis. */
export type Measure = 'gold' | 'reward' | 'win_rate';

/** What the charts know beside the numbers. */
export interface Said {
  reward: string;
  gold: string | null;
  /** Of what is judged, on its axis. */
  unit: string;
}
export const saidOf = ({ reward, gold }: Omit<Said, 'unit'>): Said => ({ reward, gold, unit: gold ?? reward });

type Row = BestOfNRow | TiltRow;
const worthOf = (row: Row, measure: Measure) => row[measure] ?? 0;
const intervalOf = (row: Row, measure: Measure): Interval => row[`${measure}_interval`];

export const three = (x: number) => number(x, 3);
const doubt = (interval: Interval) => (interval ? ` [${three(interval[0])}, ${three(interval[1])}]` : '');
const two = (x: number) => x.toFixed(2);

/** An axis that holds all, with some room; from 0 where all is above it and not far. */
function domainOf(curves: readonly Curve[]): [number, number] {
  const values = curves.flatMap(({ y, band }) => [...y, ...band.flatMap((ends) => ends ?? [])]);
  const [low, high] = [smallest(values), largest(values)];
  const from = low >= 0 && low < 0.6 * high ? 0 : low;
  const room = (high > from ? high - from : Math.abs(high) || 1) / 40;
  return [from === 0 ? 0 : from - room, high + room];
}

export const axisFormat = (domain: [number, number]) => {
  const step = Math.abs((domain[1] - domain[0]) / 5) || 1;
  const decimals = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 0.01)));
  return (value: number) => (Math.abs(value) >= 1e5 ? number(value, 3) : value.toFixed(decimals).replace('-', '−'));
};

function bestCurve(rows: readonly BestOfNRow[], measure: Measure, x: (row: BestOfNRow) => number): Curve {
  return {
    name: '',
    className: 'best-of-n dashed',
    x: rows.map(x),
    y: rows.map((row) => worthOf(row, measure)),
    band: rows.map((row) => intervalOf(row, measure)),
    label: 1,
    side: -1,
  };
}

function tiltCurve(rows: readonly TiltRow[], measure: Measure, x: (row: TiltRow) => number): Curve {
  return {
    name: 'KL-RL at equal KL',
    shorter: ['KL-RL'],
    className: 'kl-rl',
    x: rows.map(x),
    y: rows.map((row) => worthOf(row, measure)),
    band: rows.map(() => null),
    label: 1,
    side: 1,
  };
}

/** N on the axis that have a tick: powers of two, and the last. */
export function ticksOf(rows: readonly BestOfNRow[]): Tick[] {
  const last = rows.at(-1)?.n ?? 1;
  const powers = rows.filter(({ n }) => Math.log2(n) % 1 === 0 && (n * 1.3 < last || n === last));
  const end = rows.at(-1);
  return [...powers, ...(end && !powers.includes(end) ? [end] : [])].map(({ n, kl_plug_in, estimator }) => ({
    at: n,
    text: whole(n),
    // Past what was drawn the drafts' own law does not know what more would cost.
    under: estimator === 'unbiased' ? two(kl_plug_in) : '',
  }));
}

/** The N that a table's drafts can answer. */
const answered = ({ curves, advice }: Judged) => curves.best_of_n.filter(({ n }) => n <= Math.max(advice.largest, 2));

/** With those past them, where a law of chances or some prompts' own drafts say something. */
const withPast = (judged: Judged) =>
  judged.curves.best_of_n.filter(
    ({ n, estimator }) => n <= Math.max(judged.advice.largest, 2) || estimator === 'extrapolated' || n <= judged.most,
  );

/** What a measure is called. */
export const measureName = (measure: Measure, { reward, gold }: Said) =>
  measure === 'gold' ? (gold ?? reward) : measure === 'reward' ? reward : 'win rate over one draft';

/** What is drawn over N, as far as drafts answer. */
interface OverN {
  rows: BestOfNRow[];
  tilts: TiltRow[];
  ceiling: CeilingRow[];
  /** Of answers that are elected; empty where there are none, or where something else is on the axis. */
  elected: { majority: CeilingRow[]; weighted: CeilingRow[] };
  measure: Measure;
  said: Said;
  /** Most drafts that every prompt has. */
  largest: number;
}

function curvesOverN({ rows, tilts, ceiling, elected, measure, largest }: OverN): Curve[] {
  const curves: Curve[] = [{ ...bestCurve(rows, measure, ({ n }) => n), until: largest }];
  if (tilts.length > 1) curves.push(tiltCurve(tilts, measure, ({ n }) => n ?? 1));
  if (measure === 'gold' && ceiling.length > 1)
    curves.push({
      name: 'the best of N, if one could tell',
      shorter: ['if one could tell', 'ceiling'],
      className: 'base',
      ...columnOf(ceiling),
      label: 0.8,
      side: 1,
      until: largest,
    });
  for (const [name, list, at] of [
    ['the majority of N', elected.majority, 0.9],
    ['the majority by reward', elected.weighted, 0.6],
  ] as const)
    if (list.length > 1)
      curves.push({
        name,
        className: name.endsWith('reward') ? 'thin dashed' : 'thin',
        ...columnOf(list),
        band: list.map(() => null),
        label: at,
        side: 1,
      });
  return curves;
}

const columnOf = (rows: readonly CeilingRow[]) => ({
  x: rows.map(({ n }) => n),
  y: rows.map(({ gold }) => gold),
  band: rows.map(({ gold_interval }) => gold_interval),
});

/** One draft, the best N, the most drafts. */
function marksOverN({ rows, measure, largest }: OverN, best: number): Mark[] {
  const first = rows[0] as BestOfNRow;
  const last = rows.filter(({ n }) => n <= largest).at(-1) ?? first;
  const top = rows.find(({ n }) => n === best);
  const value = (row: BestOfNRow) => worthOf(row, measure);
  const bestOf = (row: BestOfNRow) => `best of ${whole(row.n)}: ${three(value(row))}`;
  const marks: Mark[] = [
    {
      x: 1,
      y: value(first),
      text: `one draft ${three(value(first))}`,
      shorter: [three(value(first))],
      className: 'base',
      shape: 'dot',
      side: -1,
      right: 1,
    },
  ];
  if (top && best > 1)
    marks.push({
      x: best,
      y: value(top),
      text: bestOf(top),
      className: 'best-of-n',
      shape: 'diamond',
      side: 1,
      right: best === last.n ? -1 : 1,
    });
  if (last.n > best)
    marks.push({
      x: last.n,
      y: value(last),
      text: bestOf(last),
      className: 'best-of-n end',
      shape: 'dot',
      side: -1,
      right: -1,
    });
  return marks;
}

const columnAt = (rows: readonly BestOfNRow[], list: readonly CeilingRow[]) =>
  rows.map(({ n }) => list.find((row) => row.n === n)?.gold ?? null);

function columnsOverN({ rows, tilts, ceiling, elected, measure, said }: OverN): Column[] {
  const name = measureName(measure, said);
  return [
    { name: 'N', values: rows.map(({ n }) => n) },
    { name: 'KL, nats', values: rows.map(({ kl_plug_in }) => kl_plug_in) },
    { name: `best-of-N, ${name}`, values: rows.map((row) => worthOf(row, measure)) },
    { name: 'low', values: rows.map((row) => intervalOf(row, measure)?.[0] ?? null) },
    { name: 'high', values: rows.map((row) => intervalOf(row, measure)?.[1] ?? null) },
    { name: `KL-RL, ${name}`, values: rows.map(({ n }) => tilts.find((row) => row.n === n)?.[measure] ?? null) },
    ...(measure === 'gold' ? [{ name: 'ceiling', values: columnAt(rows, ceiling) }] : []),
    ...(elected.majority.length > 0
      ? [
          { name: 'majority', values: columnAt(rows, elected.majority) },
          ...(elected.weighted.length > 0
            ? [{ name: 'majority by reward', values: columnAt(rows, elected.weighted) }]
            : []),
        ]
      : []),
  ];
}

function readOverN({ rows, tilts, ceiling, elected, measure }: OverN, at: number) {
  const row = rows[at];
  if (!row) return '';
  const tilt = tilts.find(({ n }) => n === row.n);
  const high = measure === 'gold' ? ceiling.find(({ n }) => n === row.n) : undefined;
  const vote = elected.majority.find(({ n }) => n === row.n);
  const past = row.estimator === 'unbiased' ? '' : row.estimator === 'plug_in' ? ' (plug-in)' : ' (extrapolated)';
  return html`N = ${whole(row.n)}, ${two(row.kl_plug_in)} nats:
    <span class="best-of-n">best-of-N ${three(worthOf(row, measure))}${doubt(intervalOf(row, measure))}${past}</span>${
      tilt ? html`, <span class="kl-rl">KL-RL ${three(worthOf(tilt, measure))}</span>` : ''
    }${high ? `, ceiling ${three(high.gold)}` : ''}${vote ? `, majority ${three(vote.gold)}` : ''}`;
}

/** Everything against N. */
export function overN(judged: Judged, said: Said, measure: Measure): Chart {
  const isJudged = measure === (said.gold === null ? 'reward' : 'gold');
  const rows = isJudged ? withPast(judged) : answered(judged);
  const { best, from, to, largest } = judged.advice;
  const end = rows.at(-1)?.n ?? 1;
  const { kl_rl, ceiling, majority, weighted_majority } = judged.curves;
  const drawn: OverN = {
    rows,
    tilts: kl_rl.filter(({ n }) => n !== null && n <= largest),
    ceiling: ceiling.filter(({ n }) => n <= end),
    // Votes that weigh what is right itself elect it: nothing to see.
    elected: isJudged
      ? { majority, weighted: said.gold === null ? [] : weighted_majority }
      : { majority: [], weighted: [] },
    measure,
    said,
    largest,
  };
  const curves = curvesOverN(drawn);
  const domain = domainOf(curves);
  const label = bare(measureName(measure, said));
  const isOpen = isJudged && judged.advice.gain_interval !== null && from < to;
  return {
    name: 'which-n',
    ...claimOverN(judged, said),
    x: {
      domain: [1, rows.at(-1)?.n ?? 1],
      log: true,
      ticks: ticksOf(rows),
      label: 'drafts N, and the KL they cost (nats)',
    },
    y: { domain, label, format: axisFormat(domain) },
    curves,
    marks: marksOverN(drawn, best),
    upright: isJudged && best > 1 ? best : null,
    stretch: isOpen ? { from, to, text: `${whole(from)} to ${whole(to)}: no telling` } : null,
    columns: columnsOverN(drawn),
    read: (at) => readOverN(drawn, at),
  };
}

/** What the curve over N says; of what is judged, whatever stands on the axis. */
function claimOverN({ advice }: Judged, { reward, gold }: Said): { claim: string; rest: string } {
  const what = gold ?? reward;
  const falls = advice.lost_interval !== null && advice.lost_interval[0] > 0;
  if (gold === null)
    return {
      claim: 'More drafts, more reward.',
      rest: `Chosen by ${reward} and judged by it, best-of-N can only rise. Whether what it rises to is better takes a gold column.`,
    };
  if (advice.best === 1)
    return {
      claim: 'Choosing does not help here.',
      rest: `No N has a higher ${what} than one draft, if ${reward} chooses.`,
    };
  if (falls)
    return {
      claim: 'More drafts, worse drafts.',
      rest: `Chosen by ${reward}, ${what} gets better up to ${whole(advice.best)} drafts; from there on ${reward} is fooled more often than it helps.`,
    };
  if (advice.best < advice.largest)
    return {
      claim: 'It levels off.',
      rest: `${first(what)} is highest at ${whole(advice.best)} drafts; what it loses from there is within what these data can tell.`,
    };
  return {
    claim: 'More drafts still help.',
    rest: `${first(what)} is highest at ${whole(advice.largest)} drafts, the most that every prompt has: its turn, if there is one, lies beyond.`,
  };
}

/** The frontier as measured: what each nat buys. */
export function overKl(judged: Judged, said: Said): Chart {
  const measure: Measure = said.gold === null ? 'reward' : 'gold';
  const rows = answered(judged);
  const tilts = judged.curves.kl_rl;
  const curves = [bestCurve(rows, measure, ({ kl_plug_in }) => kl_plug_in)];
  curves[0] = { ...(curves[0] as Curve), name: 'best-of-N', label: 0.9 };
  if (tilts.length > 1) curves.push({ ...tiltCurve(tilts, measure, ({ kl }) => kl), name: 'KL-RL', label: 0.9 });
  const domain = domainOf(curves);
  const first = rows[0] as BestOfNRow;
  const end = Math.max(rows.at(-1)?.kl_plug_in ?? 1, tilts.at(-1)?.kl ?? 0) || 1;
  const share = judged.advice.share_of_tilt;
  return {
    name: 'measured-frontier',
    claim: 'What a nat buys, measured.',
    rest:
      tilts.length > 1
        ? `KL-RL weighs the same drafts by e^(α·reward), one α for all prompts; it ends where its weights rest on fewer than ten drafts.${share === null ? '' : ` At N = ${whole(judged.advice.best)} best-of-N earns ${number(100 * share, 3)} % of what KL-RL gains at the same KL.`}`
        : 'Too few drafts a prompt for KL-RL: its weights would rest on fewer than ten.',
    x: {
      domain: [0, end],
      log: false,
      ticks: scaleLinear([0, end], [0, 1])
        .ticks(5)
        .map((at) => ({ at, text: String(at) })),
      label: 'KL from the sampler, nats',
    },
    y: { domain, label: bare(measureName(measure, said)), format: axisFormat(domain) },
    curves,
    marks: [
      {
        x: 0,
        y: worthOf(first, measure),
        text: 'one draft',
        className: 'base',
        shape: 'dot',
        side: -1,
        right: 1,
      },
    ],
    upright: null,
    stretch: null,
    columns: [
      { name: 'N', values: rows.map(({ n }) => n) },
      { name: 'KL of best-of-N', values: rows.map(({ kl_plug_in }) => kl_plug_in) },
      { name: 'best-of-N', values: rows.map((row) => worthOf(row, measure)) },
      { name: 'alpha', values: tilts.map(({ alpha }) => alpha) },
      { name: 'KL of KL-RL', values: tilts.map(({ kl }) => kl) },
      { name: 'KL-RL', values: tilts.map((row) => worthOf(row, measure)) },
    ],
    read(at) {
      const row = rows[at];
      return row
        ? html`${two(row.kl_plug_in)} nats, <span class="best-of-n">best of ${whole(row.n)} ${three(judgedOf(row).value)}</span>`
        : '';
    },
  };
}
