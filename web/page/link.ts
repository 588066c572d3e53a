import { html, LitElement } from 'lit';
import { say } from './saying.js';
import type { ShareElement } from './share.js';
import { store } from './store.js';

/** Copies the address of what is shown, and opens the panel with all other ways to hand it on. */
export class LinkElement extends LitElement {
  static override properties = { said: { state: true }, address: { state: true } };
  declare said: string;
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
      say(this, 'Link copied');
      this.address = '';
    } catch {
      this.said = 'Copy this address:';
      this.address = address;
    }
  }

  async #share() {
    await import('./share.js');
    let panel = document.querySelector('tilt-share');
    if (!panel) {
      panel = document.createElement('tilt-share') as ShareElement;
      document.body.append(panel);
    }
    await (panel as ShareElement).show();
  }

  override render() {
    return html`<span class="said" role="status">${this.said}</span>
      ${
        this.address
          ? html`<input class="address" readonly aria-label="Link to what is shown" .value=${this.address} @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()} />`
          : ''
      }
      <button type="button" class="button" @click=${this.#copy}>Copy link</button>
      <button type="button" class="button" aria-haspopup="dialog" @click=${this.#share}>Share</button>`;
  }
}

customElements.define('tilt-link', LinkElement);
