import { html, LitElement, svg } from 'lit';
import { rove } from '../../figures/roving.js';
import { number } from '../../words/format.js';
import { type Chart, drawChart, nearestOf } from './chart.js';
import type { Measure, Said } from './charts.js';
import { saveChart } from './save.js';

/** What may stand on a chart's vertical axis, and what does. */
export interface Axes {
  offered: readonly { name: string; label: string }[];
  chosen: string;
  onChoose: (name: string) => void;
}

const measureLabels = { gold: 'gold', reward: 'reward', win_rate: 'win rate' };

/** Of what drafts were judged by. */
export function axesOf({ gold }: Said, chosen: Measure, onChoose: (measure: Measure) => void): Axes {
  const offered: Measure[] = gold === null ? ['reward', 'win_rate'] : ['gold', 'reward', 'win_rate'];
  return {
    offered: offered.map((name) => ({ name, label: measureLabels[name] })),
    chosen,
    onChoose: (name) => onChoose(name as Measure),
  };
}

/** Draws a chart at the width it has, reads it out under pointer and arrow keys, and keeps its data table and files. */
export class ChartElement extends LitElement {
  static override properties = {
    chart: { attribute: false },
    axes: { attribute: false },
    tall: { attribute: false },
    width: { state: true },
    at: { state: true },
    byKey: { state: true },
    tableOpen: { state: true },
  };
  declare chart: Chart | null;
  declare axes: Axes | null;
  /** Height at a width. */
  declare tall: (width: number) => number;
  declare private width: number;
  declare private at: number | null;
  declare private byKey: boolean;
  declare private tableOpen: boolean;
  readonly #observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.round(entry.contentRect.width);
  });

  constructor() {
    super();
    this.chart = null;
    this.axes = null;
    this.tall = (width) => (width > 560 ? 420 : 330);
    this.width = 0;
    this.at = null;
    this.byKey = false;
    this.tableOpen = false;
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.width = Math.round(this.getBoundingClientRect().width);
    this.#observer.observe(this);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  #move(event: PointerEvent) {
    if (!this.chart) return;
    const { left } = (event.currentTarget as Element).getBoundingClientRect();
    this.byKey = false;
    this.at = nearestOf(this.chart, this.width, this.tall(this.width), event.clientX - left);
  }

  #key(event: KeyboardEvent) {
    const last = (this.chart?.curves[0]?.x.length ?? 0) - 1;
    if (last < 0) return;
    if (event.key === 'Escape') this.at = null;
    const now = this.at ?? Math.floor(last / 2);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: last, PageUp: now + 10, PageDown: now - 10 }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    this.byKey = true;
    this.at = Math.min(last, Math.max(0, next));
  }

  #save(kind: 'SVG' | 'PNG' | 'CSV' | 'JSON') {
    const drawing = this.querySelector('svg');
    if (this.chart && drawing) void saveChart(kind, this.chart, drawing);
  }

  #axes() {
    const { axes } = this;
    if (!axes || axes.offered.length < 2) return '';
    return html`<div class="axes" role="toolbar" aria-label="Vertical axis" @keydown=${rove}>${axes.offered.map(
      ({ name, label }, i) =>
        html`<button type="button" class="quiet" data-rove tabindex=${i === 0 ? 0 : -1} aria-pressed=${name === axes.chosen}
          @click=${() => axes.onChoose(name)}>${label}</button>`,
    )}</div>`;
  }

  #table({ columns, claim }: Chart) {
    const rows = Math.max(...columns.map(({ values }) => values.length));
    return html`<div class="table" role="region" tabindex="0" aria-label="Data: ${claim}"><table>
      <thead><tr>${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${Array.from(
        { length: rows },
        (_, i) =>
          html`<tr>${columns.map(({ values }) => html`<td>${values[i] == null ? '–' : number(values[i], 6)}</td>`)}</tr>`,
      )}</tbody>
    </table></div>`;
  }

  override render() {
    const { chart, width } = this;
    const tall = this.tall(width || 700);
    const last = (chart?.curves[0]?.x.length ?? 1) - 1;
    const at = this.at === null ? null : Math.min(this.at, last);
    return html`<figure>
      <div class="plot">${this.#axes()}<svg
        role="img"
        tabindex="0"
        width=${width}
        height=${tall}
        viewBox="0 0 ${width} ${tall}"
        aria-label="${chart?.claim ?? ''} ${chart?.rest ?? ''} Arrow keys read out its points."
        @pointermove=${this.#move}
        @pointerleave=${() => {
          this.at = null;
        }}
        @blur=${() => {
          this.at = null;
        }}
        @keydown=${this.#key}
      >${chart && width > 0 ? drawChart(chart, width, tall, at) : svg``}</svg></div>
      <div class="readout">
        <span aria-live=${this.byKey ? 'polite' : 'off'}>${chart && at !== null ? chart.read(at) : ''}</span>
        <span class="tools" role="toolbar" aria-label="Data and files" @keydown=${rove}>
          <button type="button" class="quiet" data-rove aria-expanded=${this.tableOpen} @click=${() => {
            this.tableOpen = !this.tableOpen;
          }}>Data table</button>
          ${(['SVG', 'PNG', 'CSV', 'JSON'] as const).map(
            (kind) =>
              html`<button type="button" class="quiet" data-rove tabindex="-1" aria-label="Save as ${kind}" @click=${() => this.#save(kind)}>${kind}</button>`,
          )}
        </span>
      </div>
      ${chart && this.tableOpen ? this.#table(chart) : ''}
      <figcaption class="caption"><b>${chart?.claim ?? ' '}</b> ${chart?.rest ?? ''}</figcaption>
    </figure>`;
  }
}

customElements.define('tilt-chart', ChartElement);
