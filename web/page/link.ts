import { html, LitElement } from 'lit';
import { retried } from '../engine/retried.js';
import { rove } from '../figures/roving.js';
import type { Address } from '../session/address.js';
import type { Session } from '../session/session.js';
import { notThere, say } from './saying.js';
import type { ShareElement } from './share.js';

/** Copies the address of what is shown, and opens the panel with all other ways to hand it on. */
export class LinkElement extends LitElement {
  static override properties = { said: { state: true }, written: { state: true } };
  declare session: Session;
  declare address: Address;
  declare said: string;
  /** Shown for copying by hand where the page may not write to the clipboard. */
  declare private written: string;
  #panel: ShareElement | null = null;

  constructor() {
    super();
    this.said = '';
    this.written = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  async #copy() {
    const address = new URL(this.address.link, location.href).href;
    try {
      await navigator.clipboard.writeText(address);
      say(this, 'Link copied');
      this.written = '';
    } catch {
      this.said = 'Copy this address:';
      this.written = address;
    }
  }

  async #share() {
    try {
      await retried(() => import('./share.js'));
    } catch {
      say(this, notThere);
      return;
    }
    if (!this.#panel) {
      this.#panel = document.createElement('tilt-share') as ShareElement;
      this.#panel.session = this.session;
      document.body.append(this.#panel);
    }
    await this.#panel.show();
  }

  override render() {
    return html`<span class="said" role="status">${this.said}</span>
      ${
        this.written
          ? html`<input class="address" readonly aria-label="Link to what is shown" .value=${this.written} @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()} />`
          : ''
      }
      <span class="row" role="toolbar" aria-label="Link and sharing" @keydown=${rove}>
        <button type="button" class="button" data-rove @click=${this.#copy}>Copy link</button>
        <button type="button" class="button" data-rove tabindex="-1" aria-haspopup="dialog" @click=${this.#share}>Share</button>
      </span>`;
  }
}

customElements.define('tilt-link', LinkElement);
