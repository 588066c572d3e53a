import { html, LitElement, svg } from 'lit';
import type { Figure } from '../figures/figure.js';
import { number } from './format.js';
import { inTurn, Words } from './frames.js';
import { raised } from './raised.js';
import { canDraw, type Shown } from './shown.js';
import { store } from './store.js';

/** Draws a figure at the width it has, reads it out under pointer and arrow keys, and keeps its data table. */
export class FigureElement extends LitElement {
  static override properties = {
    figure: { attribute: false },
    shown: { attribute: false },
    room: { attribute: false },
    width: { state: true },
    at: { state: true },
    byKey: { state: true },
    tableOpen: { state: true },
  };
  declare figure: Figure;
  declare shown: Shown | null;
  /** The height to draw at, in pixels; null for the one it looks best at. */
  declare room: number | null;
  declare private width: number;
  declare private at: number | null;
  /** Whether keys moved the read-out: only then is it spoken. */
  declare private byKey: boolean;
  declare private tableOpen: boolean;
  readonly #observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.round(entry.contentRect.width);
  });

  readonly #words = new Words<{ claim: string; rest: string }>(() => this.requestUpdate());

  /** Only a figure in view, or about to be, computes and draws. */
  #inView = false;
  /** Whether less than half of it is in view. */
  #atEdge = false;
  readonly #sight = new IntersectionObserver(
    ([entry]) => {
      if (!entry) return;
      this.#see(entry.isIntersecting);
      const { boundingClientRect, intersectionRect, rootBounds } = entry;
      this.#atEdge =
        intersectionRect.height <
        0.5 * Math.min(boundingClientRect.height, rootBounds?.height ?? Number.POSITIVE_INFINITY);
    },
    { rootMargin: '60px 0px', threshold: [0, 0.25, 0.5, 0.75] },
  );
  /** On paper there is no view to come into. */
  readonly #print = () => {
    this.#see(true);
    this.requestUpdate();
    this.performUpdate();
  };

  /** Asks the observer again, which tells whether the figure is in view. */
  readonly #look = () => {
    this.#sight.unobserve(this);
    this.#sight.observe(this);
  };

  #see(inView: boolean) {
    if (inView === this.#inView) return;
    this.#inView = inView;
    if (this.figure.part) store.need(this.figure.part, inView);
    if (inView) this.requestUpdate();
  }

  constructor() {
    super();
    this.shown = null;
    this.room = null;
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
    this.#sight.observe(this);
    addEventListener('beforeprint', this.#print);
    addEventListener('afterprint', this.#look);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer.disconnect();
    this.#sight.disconnect();
    removeEventListener('beforeprint', this.#print);
    removeEventListener('afterprint', this.#look);
    if (this.#inView && this.figure.part) store.need(this.figure.part, false);
    this.#inView = false;
    this.#words.stop();
  }

  /** Out of view, what changes is drawn when the figure comes back. */
  protected override shouldUpdate() {
    return this.#inView || !this.hasUpdated;
  }

  /** What the reader did, as it was last drawn: that cannot wait, what is shown can. */
  #drawn = '';
  readonly #deeds = () => [this.at, this.byKey, this.tableOpen, this.width, this.room].join();

  protected override updated() {
    this.#drawn = this.#deeds();
  }

  protected override scheduleUpdate(): Promise<unknown> | undefined {
    const draw = () => super.scheduleUpdate();
    if (this.hasUpdated && this.#deeds() === this.#drawn) return inTurn(draw, this.#atEdge);
    draw();
    return undefined;
  }

  readonly #tall = () => this.room ?? this.figure.height(this.width || 700);

  #move(event: PointerEvent) {
    const { shown } = this;
    if (!shown) return;
    const { left } = (event.currentTarget as Element).getBoundingClientRect();
    this.byKey = false;
    this.at = this.figure.nearest(shown, this.width, this.#tall(), event.clientX - left);
  }

  #key(event: KeyboardEvent) {
    const { shown } = this;
    if (!shown) return;
    const last = this.figure.positions(shown) - 1;
    const now = this.at ?? Math.floor(last / 2);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: last, PageUp: now + 10, PageDown: now - 10 }[
      event.key
    ];
    if (event.key === 'Escape') this.at = null;
    if (next === undefined) return;
    event.preventDefault();
    this.byKey = true;
    this.at = Math.min(last, Math.max(0, next));
    // Whatever else waits for its turn.
    this.performUpdate();
  }

  /** @param scale of a PNG: pixels a unit */
  async #save(kind: 'SVG' | 'PNG' | 'CSV' | 'JSON', scale = 2) {
    const { shown, figure } = this;
    const drawing = this.querySelector('svg');
    if (!shown || !drawing) return;
    const { csvFile, jsonFile, permalink, pngFile, save, svgFile } = await import('./export.js');
    const link = permalink(shown);
    const name = `tilt-lab-${figure.name}`;
    const { claim, rest } = figure.caption(shown);
    if (kind === 'CSV') save(`${name}.csv`, new Blob([csvFile(figure, shown, link)], { type: 'text/csv' }));
    else if (kind === 'JSON')
      save(`${name}.json`, new Blob([jsonFile(figure, shown, link)], { type: 'application/json' }));
    else {
      const svg = svgFile(drawing, `${claim} ${rest}`, link);
      if (kind === 'SVG') save(`${name}.svg`, new Blob([svg], { type: 'image/svg+xml' }));
      else save(`${name}.png`, await pngFile(svg, scale, link));
    }
    this.querySelector('details.save')?.removeAttribute('open');
  }

  #saver(kind: 'SVG' | 'PNG' | 'CSV' | 'JSON', scale?: number) {
    const name = scale === undefined ? kind : `${scale}×`;
    return html`<button
      type="button"
      class="quiet"
      aria-label=${scale === undefined ? kind : `${kind} ${name}`}
      ?disabled=${!this.shown}
      @click=${() => void this.#save(kind, scale)}
    >${name}</button>`;
  }

  #table(shown: Shown) {
    const columns = this.figure.columns(shown);
    const rows = Math.max(...columns.map((column) => column.values.length));
    return html`<div class="table"><table>
      <thead><tr>${columns.map((column) => html`<th scope="col">${column.name}</th>`)}</tr></thead>
      <tbody>${Array.from(
        { length: rows },
        (_, i) =>
          html`<tr>${columns.map(({ values }) => {
            const value = values[i];
            return html`<td>${value === undefined ? '' : value === null ? '–' : number(value, 6)}</td>`;
          })}</tr>`,
      )}</tbody>
    </table></div>`;
  }

  override render() {
    const { figure, width } = this;
    const shown = this.shown && canDraw(figure, this.shown.view) ? this.shown : null;
    const tall = this.#tall();
    const positions = shown ? figure.positions(shown) : 0;
    const at = this.at === null || positions === 0 ? null : Math.min(this.at, positions - 1);
    const caption = shown ? this.#words.say(() => figure.caption(shown)) : { claim: ' ', rest: '' };
    return html`<figure data-figure=${figure.name}>
      <figcaption class="caption"><b>${caption.claim}</b> ${raised(caption.rest)}</figcaption>
      <svg
        role="img"
        tabindex="0"
        width=${width}
        height=${tall}
        viewBox="0 0 ${width} ${tall}"
        aria-label="${caption.claim} ${caption.rest} Arrow keys read out its points."
        @pointermove=${this.#move}
        @pointerleave=${() => {
          this.at = null;
        }}
        @blur=${() => {
          this.at = null;
        }}
        @keydown=${this.#key}
      >${shown && width > 0 ? figure.draw(shown, width, tall, at) : svg``}</svg>
      <div class="readout">
        <span aria-live=${this.byKey ? 'polite' : 'off'}>${shown && at !== null ? figure.read(shown, at) : ''}</span>
        <span class="tools">
          <button
          type="button"
          class="quiet"
          aria-expanded=${this.tableOpen}
          @click=${() => {
            this.tableOpen = !this.tableOpen;
          }}
        >Data table</button>
          <details class="save">
            <summary>Save</summary>
            <span class="menu">
              ${this.#saver('SVG')}
              <span>PNG ${[1, 2, 3, 4].map((scale) => this.#saver('PNG', scale))}</span>
              ${this.#saver('CSV')} ${this.#saver('JSON')}
            </span>
          </details>
        </span>
      </div>
      ${this.tableOpen && shown ? this.#table(shown) : ''}
    </figure>`;
  }
}

customElements.define('tilt-figure', FigureElement);
