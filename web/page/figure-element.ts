import { html, LitElement, type PropertyValues, svg } from 'lit';
import { retried } from '../engine/retried.js';
import { captionOf } from '../figures/claims.js';
import type { Figure } from '../figures/figure.js';
import { canDraw, figures } from '../figures/registry.js';
import { rove } from '../figures/roving.js';
import type { Scenario } from '../scenario/scenario.js';
import { inTurn, Words } from '../session/frames.js';
import type { Session } from '../session/session.js';
import { number } from '../words/format.js';
import { raised } from '../words/raised.js';
import type { PartName, Shown } from '../words/shown.js';
import { type Control, lengthControl, rateControl } from './controls.js';
import { notThere, say } from './saying.js';
import { byKey } from './stepped.js';

const titleOf = ({ name }: Figure) => figures[name]?.title ?? name;

/** What the lines of figures are called: the sliders beside them have the plain names. */
const handleNames = { rate: 'Line of the budget', length: 'Line at n' } as const;

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
    axis: { state: true },
    said: { state: true },
  };
  /** Whose parts it needs and whose scenario its line moves. */
  declare session: Session;
  declare figure: Figure;
  declare shown: Shown | null;
  /** The height to draw at, in pixels; null for the one it looks best at. */
  declare room: number | null;
  declare private width: number;
  declare private at: number | null;
  /** Whether keys moved the read-out: only then is it spoken. */
  declare private byKey: boolean;
  declare private tableOpen: boolean;
  /** The other vertical axis that the reader chose; null for the figure's own. */
  declare axis: string | null;
  /** What there is to say of a file that was asked for. */
  declare said: string;
  /** The figure on the other axes that were asked for. */
  readonly #others = new Map<string, Figure>();
  readonly #observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.round(entry.contentRect.width);
  });

  readonly #words = new Words<{ claim: string; rest: string }>(() => this.requestUpdate());

  /** Only a figure in view, or about to be, computes and draws. */
  #inView = false;
  /** What it said last, and whether that has been taken back: out of view, words of another scenario must not stay. */
  #said: Scenario | null = null;
  #isGone = false;
  /** The part of a view that it asked for. */
  #asked: PartName | null = null;
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
  /** On paper there is no view to come into, and a frame that never was in view has observed nothing. */
  readonly #print = () => {
    this.#see(true);
    this.width ||= Math.round(this.getBoundingClientRect().width);
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
    this.#ask();
    if (inView) this.requestUpdate();
  }

  /** The other axes that the model on show has. */
  readonly #offered = () => {
    const { shown } = this;
    return shown ? (this.figure.otherAxes?.others.filter(({ isOf }) => isOf(shown)) ?? []) : [];
  };

  /** The figure on the axis that the reader chose, where the model has it. */
  get #chosen(): Figure {
    const axis = this.#offered().find(({ name }) => name === this.axis);
    return (axis && this.#others.get(axis.name)) ?? this.figure;
  }

  /** That figure once its numbers are there, until then on its own axis. */
  get #face(): Figure {
    const { shown } = this;
    return shown && canDraw(this.#chosen, shown) ? this.#chosen : this.figure;
  }

  async #turn(axis: string | null) {
    const other = this.figure.otherAxes?.others.find(({ name }) => name === axis);
    if (other && !this.#others.has(other.name)) this.#others.set(other.name, await other.load());
    this.axis = axis;
    this.session.turn(other?.key ?? null);
  }

  /** The axis of the session, which a link may have set. */
  #follow() {
    const others = this.figure.otherAxes?.others;
    const asked = others?.find(({ key }) => key === this.session.axis)?.name ?? null;
    if (others && asked !== this.axis) void this.#turn(asked);
  }

  /** Asks for the part that the figure shows while it is in view, and for no other. */
  #ask() {
    const part = this.#inView ? (this.#chosen.part ?? null) : null;
    if (part === this.#asked) return;
    if (this.#asked) this.session.need(this.#asked, false);
    this.#asked = part;
    if (part) this.session.need(part, true);
  }

  constructor() {
    super();
    this.shown = null;
    this.room = null;
    this.width = 0;
    this.at = null;
    this.byKey = false;
    this.tableOpen = false;
    this.axis = null;
    this.said = '';
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
    this.#inView = false;
    this.#ask();
    this.#words.stop();
  }

  /** Out of view, what changes is drawn when the figure comes back; until then nothing is said. */
  protected override shouldUpdate(changed: PropertyValues<this>) {
    // The room that it is given is its place in the page, which must not change once it is seen.
    if (this.#inView || !this.hasUpdated || changed.has('room')) {
      this.#isGone = false;
      return true;
    }
    if (this.#isGone || !changed.has('shown') || this.shown?.scenario === this.#said) return false;
    this.#isGone = true;
    // What stands below must not move.
    this.style.minHeight = `${this.offsetHeight}px`;
    return true;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has('figure')) {
      this.axis = null;
      this.#others.clear();
    }
    if (changed.has('figure') || changed.has('shown')) this.#follow();
    if (changed.has('figure') || changed.has('axis') || changed.has('shown')) this.#ask();
  }

  /** What the reader did, as it was last drawn: that cannot wait, what is shown can. */
  #drawn = '';
  readonly #deeds = () => [this.at, this.byKey, this.tableOpen, this.axis, this.said, this.width, this.room].join();

  protected override updated() {
    this.#drawn = this.#deeds();
    if (!this.#isGone) this.style.minHeight = '';
  }

  protected override scheduleUpdate(): Promise<unknown> | undefined {
    const draw = () => super.scheduleUpdate();
    if (this.hasUpdated && this.#deeds() === this.#drawn) return inTurn(draw, this.#atEdge);
    draw();
    return undefined;
  }

  readonly #tall = () => this.room ?? this.#face.height(this.width || 700);

  #move(event: PointerEvent) {
    const { shown } = this;
    if (!shown) return;
    const { left } = (event.currentTarget as Element).getBoundingClientRect();
    this.byKey = false;
    this.at = this.#face.nearest(shown, this.width, this.#tall(), event.clientX - left);
  }

  #key(event: KeyboardEvent) {
    const { shown } = this;
    if (!shown) return;
    const last = this.#face.positions(shown) - 1;
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

  /** What the figure's line stands for. */
  #control(shown: Shown): Control | null {
    const { handle } = this.#face;
    if (!handle) return null;
    return (handle.control === 'rate' ? rateControl : lengthControl)(this.session, shown);
  }

  #take(event: PointerEvent) {
    if (event.button !== 0) return;
    const line = event.currentTarget as Element;
    line.setPointerCapture(event.pointerId);
    // Else a drag would select the letters that it passes.
    event.preventDefault();
    (line as HTMLElement).focus({ preventScroll: true });
  }

  #drag(event: PointerEvent, released: boolean) {
    const { shown } = this;
    const figure = this.#face;
    const line = event.currentTarget as Element;
    if (!shown || !figure.handle || !line.hasPointerCapture(event.pointerId)) return;
    event.stopPropagation();
    const { left } = this.getBoundingClientRect();
    const control = this.#control(shown);
    const value = figure.handle.value(shown, this.width, this.#tall(), event.clientX - left);
    control?.set(control.near(value), released);
  }

  #moveByKey(event: KeyboardEvent) {
    const { shown } = this;
    const control = shown && this.#control(shown);
    const next = control && byKey(event.key, control);
    if (!control || (next === null && !event.key.startsWith('Arrow'))) return;
    event.preventDefault();
    event.stopPropagation();
    if (next !== null) control.set(next, true, true);
  }

  /** The line that can be moved, wide enough for a finger. */
  #handle(shown: Shown, tall: number) {
    const { handle } = this.#face;
    const at = handle?.at(shown, this.width, tall);
    const control = this.#control(shown);
    if (!at || !control) return '';
    return html`<div
      class="handle"
      role="slider"
      tabindex="0"
      aria-label=${handleNames[handle?.control ?? 'rate']}
      aria-valuemin="0"
      aria-valuemax="1"
      aria-valuenow=${Math.min(1, Math.max(0, control.position))}
      aria-valuetext=${control.spoken}
      style="left:${at.x}px;top:${at.top}px;height:${at.bottom - at.top}px"
      @pointerdown=${this.#take}
      @pointermove=${(event: PointerEvent) => this.#drag(event, false)}
      @pointerup=${(event: PointerEvent) => this.#drag(event, true)}
      @keydown=${this.#moveByKey}
    ></div>`;
  }

  /** @param scale of a PNG: pixels a unit */
  async #save(kind: 'SVG' | 'PNG' | 'CSV' | 'JSON', scale = 2) {
    const { shown } = this;
    const figure = this.#face;
    const drawing = this.querySelector('svg');
    if (!shown || !drawing) return;
    const files = await retried(() => import('./export.js')).catch(() => null);
    if (!files) return say(this, notThere);
    const { csvFile, jsonFile, permalink, pngFile, save, svgFile } = files;
    const link = permalink(this.session, shown);
    const name = `tilt-lab-${figure.name}`;
    const { claim, rest } = captionOf(figure, shown);
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

  /** The menu stands over everything, below what opened it or above where there is more room. */
  #openMenu(event: Event) {
    const details = event.currentTarget as HTMLDetailsElement;
    const menu = details.querySelector<HTMLElement>('.menu');
    if (!menu) return;
    menu.togglePopover(details.open);
    if (!details.open) return;
    const { right, top, bottom } = details.getBoundingClientRect();
    const below = bottom + menu.offsetHeight + 100 < innerHeight;
    menu.style.left = `${Math.max(8, right - menu.offsetWidth)}px`;
    menu.style.top = `${below ? bottom + 4 : top - menu.offsetHeight - 4}px`;
  }

  /** By Escape, and when the focus or a tap goes elsewhere. */
  #closeMenu(event: KeyboardEvent | FocusEvent) {
    const details = event.currentTarget as HTMLDetailsElement;
    if (event instanceof KeyboardEvent) {
      if (event.key !== 'Escape' || !details.open) return;
      details.querySelector('summary')?.focus();
    } else if (!(event.relatedTarget instanceof Node) || details.contains(event.relatedTarget)) return;
    details.open = false;
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
    const columns = this.#face.columns(shown);
    const rows = Math.max(...columns.map((column) => column.values.length));
    return html`<div class="table" role="region" tabindex="0" aria-label="Data of ${titleOf(this.figure)}"><table>
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

  /** What may stand on the vertical axis, where there is a choice. */
  #axes() {
    const offered = this.#offered();
    if (offered.length === 0) return '';
    const own = this.figure.otherAxes?.own ?? '';
    const isOwn = !offered.some(({ name }) => name === this.axis);
    return html`<div class="axes" role="toolbar" aria-label="Vertical axis of ${titleOf(this.figure)}" @keydown=${rove}>${[
      own,
      ...offered.map(({ name }) => name),
    ].map(
      (name, i) =>
        html`<button type="button" class="quiet" data-rove tabindex=${i === 0 ? 0 : -1} aria-pressed=${i === 0 ? isOwn : name === this.axis}
          @click=${() => void this.#turn(i === 0 ? null : name)}>${name}</button>`,
    )}</div>`;
  }

  override render() {
    const { width } = this;
    const figure = this.#face;
    const shown = this.shown && !this.#isGone && canDraw(figure, this.shown) ? this.shown : null;
    this.#said = shown?.scenario ?? null;
    const tall = this.#tall();
    const positions = shown ? figure.positions(shown) : 0;
    const at = this.at === null || positions === 0 ? null : Math.min(this.at, positions - 1);
    const caption = shown ? this.#words.say(() => captionOf(figure, shown)) : { claim: ' ', rest: '' };
    const words = html`<figcaption class="caption"><b>${caption.claim}</b> ${raised(caption.rest)}</figcaption>`;
    if (shown && figure.isEmpty?.(shown))
      return html`<figure class="empty" data-figure=${figure.name}>${words}</figure>`;
    return html`<figure data-figure=${figure.name}>
      ${words}
      <div class="plot">${shown ? this.#axes() : ''}<svg
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
      >${shown && width > 0 ? figure.draw(shown, width, tall, at) : svg``}</svg>${shown && width > 0 ? this.#handle(shown, tall) : ''}</div>
      <div class="readout">
        <span aria-live=${this.byKey || this.said ? 'polite' : 'off'}>${shown && at !== null ? figure.read(shown, at) : this.said}</span>
        <span class="tools" role="toolbar" aria-label="Data and files of ${titleOf(this.figure)}" @keydown=${rove}>
          <button
          type="button"
          class="quiet"
          data-rove
          aria-label="Data table of ${titleOf(this.figure)}"
          aria-expanded=${this.tableOpen}
          @click=${() => {
            this.tableOpen = !this.tableOpen;
          }}
        >Data table</button>
          <details class="save" @toggle=${this.#openMenu} @keydown=${this.#closeMenu} @focusout=${this.#closeMenu}>
            <summary data-rove tabindex="-1" aria-label="Save ${titleOf(this.figure)}">Save</summary>
            <span class="menu" popover="manual">
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
