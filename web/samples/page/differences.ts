import { html, LitElement } from 'lit';
import { largest, smallest } from '../../scenario/extent.js';
import { whole } from '../../words/format.js';
import { bare } from '../called.js';
import type { Comparison, CurveDifference, CurveName, Judged, Measured } from '../types.js';
import type { Chart } from './chart.js';
import { axisFormat, measureName, type Said, three, ticksOf } from './charts.js';
import './chart-element.js';

/** What sentences call a curve, as their subject. */
const called: Record<CurveName, string> = {
  best_of_n: 'best-of-N',
  kl_rl: 'KL-RL at equal KL',
  ceiling: 'the best of N, if one could tell',
  majority: 'the majority',
  weighted_majority: 'the majority by reward',
};

/** The curves that a table has, the first two of which are compared until others are chosen. */
export function comparable({ curves }: Judged, hasGold: boolean): CurveName[] {
  return [
    ...(curves.majority.length > 0 ? (['majority'] as const) : []),
    ...(curves.kl_rl.length > 1 ? (['kl_rl'] as const) : []),
    'best_of_n',
    ...(curves.weighted_majority.length > 0 && hasGold ? (['weighted_majority'] as const) : []),
    ...(hasGold ? (['ceiling'] as const) : []),
  ];
}

/** By what two curves can be compared: elections and the ceiling by what is judged alone. */
export function measuresOf({ first, second }: Pick<Comparison, 'first' | 'second'>, hasGold: boolean): Measured[] {
  const judged: Measured = hasGold ? 'gold' : 'reward';
  const isWhole = [first, second].every((name) => name === 'best_of_n' || name === 'kl_rl');
  return isWhole ? (hasGold ? ['gold', 'reward', 'win_rate'] : ['reward', 'win_rate']) : [judged];
}

const isTold = ({ difference_interval: i }: CurveDifference) => i !== null && (i[0] > 0 || i[1] < 0);
const doubt = ({ difference_interval: i }: CurveDifference) => (i ? ` [${three(i[0])}, ${three(i[1])}]` : '');

/** What the differences say: where they are largest and told, or that none is. */
export function claimOf(rows: readonly CurveDifference[], { first, second }: Comparison, what: string) {
  const told = rows.filter(isTold);
  const most = [...told].sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference))[0];
  if (rows.every(({ difference }) => difference === 0)) return { claim: 'No difference.', rest: 'The two are one.' };
  if (!most)
    return {
      claim: 'No telling.',
      rest: `At no N can these data tell ${called[first]} from ${called[second]} by ${what}.`,
    };
  const [more, less] = most.difference > 0 ? [first, second] : [second, first];
  const size = three(Math.abs(most.difference));
  const interval = most.difference_interval;
  const ends = interval ? [...interval].map(Math.abs).sort((a, b) => a - b) : [];
  const both = told.some(({ difference }) => difference > 0) && told.some(({ difference }) => difference < 0);
  const name = called[more];
  return {
    claim: both ? 'It depends on N.' : `${name.slice(0, 1).toUpperCase()}${name.slice(1)} is ahead.`,
    rest: `At N = ${whole(most.n)} ${name} has ${size}${interval ? ` [${three(ends[0] ?? 0)}, ${three(ends[1] ?? 0)}]` : ''} more ${what} than ${called[less]}, prompt by prompt; at ${whole(told.length)} of ${whole(rows.length)} N the data tell the two apart.`,
  };
}

/** First less second against N. */
export function overDifference(judged: Judged, rows: readonly CurveDifference[], asked: Comparison, said: Said): Chart {
  const what = bare(measureName(asked.of === 'length' ? 'reward' : asked.of, said));
  const values = rows.flatMap(({ difference, difference_interval }) => [0, difference, ...(difference_interval ?? [])]);
  const [low, high] = [smallest(values), largest(values)];
  const room = (high - low || 1) / 20;
  const domain: [number, number] = [low - room, high + room];
  const claim = claimOf(rows, asked, what);
  return {
    name: 'difference',
    ...claim,
    x: {
      domain: [1, rows.at(-1)?.n ?? 1],
      log: true,
      ticks: ticksOf(judged.curves.best_of_n.filter(({ n }) => n <= (rows.at(-1)?.n ?? 1))),
      label: 'drafts N, and the KL they cost (nats)',
    },
    y: { domain, label: `more ${what}`, format: axisFormat(domain) },
    curves: [
      {
        name: `${called[asked.first]} less ${called[asked.second]}`,
        shorter: ['difference'],
        className: 'kl-rl',
        x: rows.map(({ n }) => n),
        y: rows.map(({ difference }) => difference),
        band: rows.map(({ difference_interval }) => difference_interval),
        label: 0.5,
        side: 1,
      },
      {
        name: 'no difference',
        shorter: ['none'],
        className: 'base',
        x: rows.map(({ n }) => n),
        y: rows.map(() => 0),
        band: rows.map(() => null),
        label: 1,
        side: -1,
      },
    ],
    marks: [],
    upright: null,
    stretch: null,
    columns: [
      { name: 'N', values: rows.map(({ n }) => n) },
      { name: 'difference', values: rows.map(({ difference }) => difference) },
      { name: 'low', values: rows.map(({ difference_interval }) => difference_interval?.[0] ?? null) },
      { name: 'high', values: rows.map(({ difference_interval }) => difference_interval?.[1] ?? null) },
    ],
    read: (at) => {
      const row = rows[at];
      return row ? html`N = ${whole(row.n)}: ${three(row.difference)}${doubt(row)}` : '';
    },
  };
}

/** Two curves of a table against each other, as they are chosen: an element a table. */
export class DifferenceElement extends LitElement {
  static override properties = {
    judged: { attribute: false },
    said: { attribute: false },
    ask: { attribute: false },
    tall: { attribute: false },
    asked: { state: true },
    found: { state: true },
  };
  declare judged: Judged;
  declare said: Said;
  declare ask: (asked: Comparison) => Promise<readonly CurveDifference[]>;
  declare tall: (width: number) => number;
  declare private asked: Comparison | null;
  /** What was found last, until what is asked has come. */
  declare private found: { asked: Comparison; rows: readonly CurveDifference[] } | null;

  constructor() {
    super();
    this.asked = null;
    this.found = null;
  }

  protected override createRenderRoot() {
    return this;
  }

  get #hasGold() {
    return this.said.gold !== null;
  }

  protected override willUpdate() {
    if (this.hasUpdated) return;
    const [first, second] = comparable(this.judged, this.#hasGold);
    if (first && second) void this.#choose({ first, second, of: this.#hasGold ? 'gold' : 'reward' });
  }

  async #choose(wanted: Comparison) {
    const offered = measuresOf(wanted, this.#hasGold);
    const asked = { ...wanted, of: offered.includes(wanted.of) ? wanted.of : (offered[0] as Measured) };
    this.asked = asked;
    const rows = await this.ask(asked);
    if (this.asked === asked) this.found = { asked, rows };
  }

  #select(name: string, value: CurveName, onChoose: (name: CurveName) => void) {
    return html`<select aria-label=${name} @change=${(event: Event) =>
      onChoose((event.target as HTMLSelectElement).value as CurveName)}>${comparable(this.judged, this.#hasGold).map(
      (each) => html`<option value=${each} ?selected=${each === value}>${called[each]}</option>`,
    )}</select>`;
  }

  override render() {
    const { asked, found } = this;
    if (!asked) return '';
    const label = { gold: 'gold', reward: 'reward', win_rate: 'win rate', length: 'length' };
    const axes = {
      offered: measuresOf(asked, this.#hasGold).map((name) => ({ name, label: label[name] })),
      chosen: asked.of,
      onChoose: (of: string) => void this.#choose({ ...asked, of: of as Measured }),
    };
    return html`<p class="versus"><label>Is ${this.#select('First', asked.first, (first) => void this.#choose({ ...asked, first }))}</label>
        <label>better than ${this.#select('Second', asked.second, (second) => void this.#choose({ ...asked, second }))}?</label></p>
      ${found && found.rows.length > 0 ? html`<tilt-chart .chart=${overDifference(this.judged, found.rows, found.asked, this.said)} .axes=${axes} .tall=${this.tall}></tilt-chart>` : ''}`;
  }
}

customElements.define('tilt-difference', DifferenceElement);
