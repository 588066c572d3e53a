import { html, LitElement } from 'lit';
import { store } from './store.js';

/** Copies the address of what is shown. */
export class LinkElement extends LitElement {
  static override properties = { said: { state: true }, address: { state: true } };
  declare private said: string;
  /** Shown for copying by hand where the page may not write to the clipboard. */
  declare private address: string;

  constructor() {
    super();
    this.said = '';
    this.address = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  async #copy() {
    const address = new URL(store.link, location.href).href;
    try {
      await navigator.clipboard.writeText(address);
      this.said = 'Link copied';
      this.address = '';
    } catch {
      this.said = 'Copy this address:';
      this.address = address;
    }
  }

  override render() {
    return html`<span class="said" role="status">${this.said}</span>
      ${
        this.address
          ? html`<input class="address" readonly aria-label="Link to what is shown" .value=${this.address} @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()} />`
          : ''
      }
      <button type="button" class="button" @click=${this.#copy}>Copy link</button>`;
  }
}

customElements.define('tilt-link', LinkElement);
