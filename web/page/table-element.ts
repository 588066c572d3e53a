import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { captionOf } from '../figures/claims.js';
import { rove } from '../figures/roving.js';
import type { Session } from '../session/session.js';
import { type Row, type SortedTable, sorted, type Table } from '../tables/table.js';
import { amount } from '../words/format.js';
import { raised } from '../words/raised.js';
import { partOf, type Shown } from '../words/shown.js';

/** Rows that are laid out; of more, as many as come first. */
const mostRows = 60;

/**
 * A table that is asked for when it comes into view. Until the numbers of another scenario are there it keeps those that it
 * has, dimmed: its place in the page stays, and who hears the page is told that it is busy.
 */
export class TableElement extends LitElement {
  static override properties = {
    table: { attribute: false },
    shown: { attribute: false },
    column: { state: true },
    decreasing: { state: true },
  };
  declare session: Session;
  declare table: Table;
  declare shown: Shown | null;
  /** What it is sorted by; undefined before the reader chose. */
  declare private column: number | null | undefined;
  declare private decreasing: boolean;
  /** The last of what was shown that had its numbers. */
  #last: Shown | null = null;
  #inView = false;
  readonly #sight = new IntersectionObserver(([entry]) => entry && this.#see(entry.isIntersecting), {
    rootMargin: '200px 0px',
  });

  constructor() {
    super();
    this.shown = null;
    this.column = undefined;
    this.decreasing = true;
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#sight.observe(this);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#sight.disconnect();
    this.#see(false);
  }

  #see(inView: boolean) {
    if (inView === this.#inView) return;
    this.#inView = inView;
    this.session.need(this.table.part, inView);
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const { shown } = this;
    if (changed.has('shown') && shown && partOf(shown.view, this.table.part) !== undefined) this.#last = shown;
  }

  #sort(column: number) {
    this.decreasing = column === this.#column(this.table as SortedTable) ? !this.decreasing : true;
    this.column = column;
  }

  readonly #column = ({ first }: SortedTable) => (this.column === undefined ? first : this.column);

  #head(table: SortedTable, of: Shown) {
    const by = this.#column(table);
    return html`<thead><tr @keydown=${rove}><th scope="col">${table.rowName}</th>${table
      .columns(of)
      .map(({ name, sorts }, i) =>
        sorts
          ? html`<th scope="col" data-name=${name} aria-sort=${i === by ? (this.decreasing ? 'descending' : 'ascending') : 'none'}><button
              type="button"
              class="quiet"
              data-rove
              tabindex=${i === 0 ? 0 : -1}
              @click=${() => this.#sort(i)}
            >${name}<span aria-hidden="true">${i === by ? (this.decreasing ? ' ↓' : ' ↑') : ''}</span></button></th>`
          : html`<th scope="col">${name}</th>`,
      )}</tr></thead>`;
  }

  #row({ name, className, texts, refusal }: Row): TemplateResult {
    return html`<tr><th scope="row" class=${className}>${name}</th>${
      refusal
        ? html`<td class="refusal" colspan=${texts.length}>${raised(refusal)}</td>`
        : texts.map((text) => html`<td>${raised(text)}</td>`)
    }</tr>`;
  }

  #sorted(table: SortedTable, of: Shown) {
    const rows = table.rows(of);
    const order = sorted(rows, this.#column(table), this.decreasing);
    const left = rows.length - mostRows;
    return html`<div class="table sorted" role="region" aria-label=${table.title}><table>
        ${this.#head(table, of)}
        <tbody>${order.slice(0, mostRows).map((i) => this.#row(rows[i] as Row))}</tbody>
      </table></div>
      ${left > 0 ? html`<p class="hint">And ${amount(left, 'row')} more, in this order.</p>` : ''}`;
  }

  override render() {
    const { table, shown } = this;
    const of = this.#last;
    if (!of || !shown) return html`<div class="awaited"></div>`;
    const busy = partOf(shown.view, table.part) === undefined;
    const found = partOf(of.view, table.part);
    const caption = table.claims ? captionOf({ claims: table.claims }, of) : null;
    return html`<div data-table=${table.name} aria-busy=${busy ? 'true' : nothing}>
      ${caption ? html`<p class="caption"><b>${caption.claim}</b> ${raised(caption.rest)}</p>` : ''}
      ${
        !found
          ? html`<p class="muted">These numbers could not be had.</p>`
          : 'place' in table
            ? table.place(of)
            : this.#sorted(table, of)
      }
    </div>`;
  }
}

customElements.define('tilt-table', TableElement);
