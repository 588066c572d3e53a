import { html, LitElement, svg } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { renderSVG } from 'uqr';
import { retried } from '../engine/retried.js';
import { captionOf } from '../figures/claims.js';
import type { Figure } from '../figures/figure.js';
import { canDraw, figures, suits } from '../figures/registry.js';
import release from '../generated/release.js';
import type { Session } from '../session/session.js';
import { watch } from '../session/watch.js';
import type { PartName, Shown } from '../words/shown.js';
import { say } from './saying.js';
import { addressOf, type Shared, sitesOf, snippets } from './snippets.js';

/** Longest text that a square of a hundred and some modules holds at low correction. */
const longestCode = 1200;
/** A picture is drawn this wide, and stands in a text where it takes no more characters. */
const width = 700;
const longestPicture = 30_000;

/** The panel that hands a figure on; loaded when it is first opened. */
export class ShareElement extends LitElement {
  static override properties = {
    view: { state: true },
    pinned: { state: true },
    figure: { state: true },
    said: { state: true },
    picture: { state: true },
    pictured: { state: true },
  };
  declare session: Session;
  declare private view: string;
  declare private pinned: boolean;
  declare private figure: Figure | null;
  declare said: string;
  /** Of the figure that is chosen, as an address; null before it is there, and where it is too large for a text. */
  declare private picture: string | null;
  /** Whether snippets have it. */
  declare private pictured: boolean;
  #asked: PartName | null = null;
  #chosen = '';
  /** Markup of the figure whose picture there is. */
  #drawn: string | null = null;
  isOpen = false;

  constructor() {
    super();
    this.view = 'frontier';
    this.pinned = false;
    this.figure = null;
    this.said = '';
    this.picture = null;
    this.pictured = true;
    watch(this);
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    void this.#choose(this.view);
  }

  async show() {
    await this.updateComplete;
    this.said = '';
    const { shown } = this.session;
    if (shown && !suits(this.view, shown)) void this.#choose('frontier');
    this.isOpen = true;
    this.requestUpdate();
    this.#ask();
    this.querySelector('dialog')?.showModal();
  }

  /** Named once it is there: no snippet speaks of one figure and shows another. */
  async #choose(view: string) {
    this.#chosen = view;
    const figure = (await figures[view]?.load()) ?? null;
    if (this.#chosen !== view) return;
    this.view = view;
    if (figure !== this.figure) this.picture = this.#drawn = null;
    this.figure = figure;
    this.#ask();
  }

  /** Its caption speaks of numbers that may not have been computed yet, since nothing in view shows them. */
  #ask() {
    const part = (this.isOpen && this.figure?.part) || null;
    if (part === this.#asked) return;
    if (this.#asked) this.session.need(this.#asked, false);
    this.#asked = part;
    if (part) this.session.need(part, true);
  }

  /** Drawn unseen, for its style. */
  #drawing(shown: Shown) {
    const { figure } = this;
    if (!this.isOpen || !this.pictured || !figure || !canDraw(figure, shown) || figure.isEmpty?.(shown)) return '';
    const tall = figure.height(width);
    return html`<div class="still-figure on-paper" hidden><div class="plot"><svg width=${width} height=${tall}>${svg`${figure.draw(shown, width, tall, null)}`}</svg></div></div>`;
  }

  protected override async updated() {
    const drawing = this.isOpen ? this.querySelector<SVGSVGElement>('.on-paper svg') : null;
    // What is told of may change no figure: its picture is made once for each that is drawn.
    const drawn = drawing?.outerHTML ?? null;
    if (!this.isOpen || drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.picture = null;
    const files = await retried(() => import('./export.js')).catch(() => null);
    if (drawn !== this.#drawn) return;
    if (!files) this.#drawn = null;
    const picture = drawing && files?.pictureOf(drawing);
    this.picture = picture && picture.length < longestPicture ? picture : null;
  }

  async #copy(name: string, text: string, field: HTMLElement | null) {
    try {
      await navigator.clipboard.writeText(text);
      say(this, `${name} copied`);
    } catch {
      // Some pages may not write to the clipboard: selected, the text is one key away.
      if (field) getSelection()?.selectAllChildren(field);
      this.said = `${name} selected: copy it by hand`;
    }
  }

  #shared(shown: Shown): Shared {
    const { engine } = shown.view.report;
    const { live, pinned } = sitesOf(location.origin + location.pathname, engine);
    const caption = this.figure && canDraw(this.figure, shown) ? captionOf(this.figure, shown) : null;
    return {
      site: this.pinned ? pinned : live,
      link: this.session.linkOf(shown),
      view: this.view,
      caption: caption ? `${caption.claim} ${caption.rest}` : (figures[this.view]?.title ?? ''),
      title: figures[this.view]?.title ?? '',
      engine,
      year: release.date.slice(0, 4),
      picture: this.picture,
    };
  }

  #row(name: string, text: string) {
    const copy = (event: Event) => {
      const row = (event.currentTarget as HTMLElement).closest('.snippet');
      void this.#copy(name, text, row?.querySelector('pre') ?? null);
    };
    return html`<div class="snippet">
      <div class="snippet-head"><h3>${name}</h3><button type="button" class="button" aria-label="Copy ${name}" @click=${copy}>Copy</button></div>
      <pre tabindex="0" data-snippet=${name}>${text}</pre>
    </div>`;
  }

  #body(shown: Shown) {
    const shared = this.#shared(shown);
    const address = addressOf(shared);
    const choose = (event: Event) => void this.#choose((event.currentTarget as HTMLSelectElement).value);
    const pin = (pinned: boolean) => () => {
      this.pinned = pinned;
    };
    const toggle = () => {
      this.pictured = !this.pictured;
    };
    return html`
      <div class="share-choices">
        <label>Figure <select @change=${choose}>${Object.entries(figures)
          .filter(([name]) => suits(name, shown))
          .map(
            ([name, { title }]) => html`<option value=${name} ?selected=${name === this.view}>${title}</option>`,
          )}</select></label>
        <fieldset><legend class="muted">Engine</legend>
          <label><input type="radio" name="pinned" .checked=${!this.pinned} @change=${pin(false)} /> the newest</label>
          <label><input type="radio" name="pinned" .checked=${this.pinned} @change=${pin(true)} /> ${shared.engine}, for good</label>
        </fieldset>
        <label><input type="checkbox" .checked=${this.pictured} @change=${toggle} /> with a picture, for paper, feeds and readers without scripts</label>
      </div>
      ${this.#drawing(shown)}
      ${location.protocol === 'file:' ? html`<p class="notice">This copy of Tilt Lab is a file: its addresses open on this machine alone.</p>` : ''}
      ${this.#row('Link', address)}
      ${snippets.map(({ name, of }) => this.#row(name, of(shared)))}
      ${
        address.length <= longestCode
          ? html`<div class="snippet"><h3>QR code</h3><div class="code" role="img" aria-label="QR code of the link">${unsafeHTML(renderSVG(address, { ecc: 'L', border: 2 }))}</div></div>`
          : html`<p class="muted">The link is too long for a QR code.</p>`
      }`;
  }

  override render() {
    const { shown } = this.session;
    const close = (event: Event) => (event.currentTarget as HTMLElement).closest('dialog')?.close();
    const send = () =>
      void navigator
        .share({ title: 'Tilt Lab', url: shown ? addressOf(this.#shared(shown)) : location.href })
        .catch(() => {});
    const print = async (event: Event) => {
      close(event);
      await this.session.complete();
      window.print();
    };
    const closed = () => {
      this.isOpen = false;
      this.#ask();
    };
    return html`<dialog aria-labelledby="share-title" @close=${closed}>
      <header><h2 id="share-title">Share what you see</h2><button type="button" class="button" @click=${close}>Close</button></header>
      ${shown ? this.#body(shown) : ''}
      <footer><span role="status">${this.said}</span>
        <button type="button" class="button" @click=${print}>Print or save as PDF</button>
        ${'share' in navigator ? html`<button type="button" class="button" @click=${send}>Send…</button>` : ''}</footer>
    </dialog>`;
  }
}

customElements.define('tilt-share', ShareElement);
