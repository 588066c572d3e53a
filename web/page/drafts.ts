import { html, LitElement } from 'lit';
import type { Draft, Drafts } from '../engine/types.js';
import { defaults, longestDraft } from '../scenario/defaults.js';
import type { Session } from '../session/session.js';
import { drafts as countOf, signed, whole } from '../words/format.js';
import { lengthOf, type Shown } from '../words/shown.js';

/** After the last change, so that a drag is not held up by words that nobody could read meanwhile. */
const pause = 250;

/** The text itself: one draft of each policy, its words coloured by what they earn. */
export class DraftsElement extends LitElement {
  static override properties = { drafts: { state: true } };
  declare session: Session;
  declare private drafts: Drafts | null;
  #of: Shown | null = null;
  #timer = 0;
  #stop = () => {};

  constructor() {
    super();
    this.drafts = null;
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#stop = this.session.subscribe(() => {
      const { shown } = this.session;
      // Dice beside the same view change nothing here.
      const same = shown?.view === this.#of?.view;
      this.#of = shown;
      if (same) return;
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => void this.#draw(), pause);
    });
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#stop();
  }

  async #draw() {
    const shown = this.#of;
    if (!shown) return;
    const drafts = await this.session.engine.drafts(shown.scenario, 0);
    // Dice that were rolled meanwhile are beside the same view.
    if (shown.view !== this.#of?.view) return;
    this.drafts = drafts;
    // Nothing may have changed but what there is to say about it.
    this.requestUpdate();
  }

  /** Another seed, which the link carries: what was drawn can be shown to others. */
  #again() {
    const { scenario } = this.session;
    const { seed = defaults.simulation.seed } = scenario.simulation ?? {};
    void this.session.change({ ...scenario, simulation: { ...scenario.simulation, seed: seed + 1 } });
  }

  #words({ words }: Draft) {
    return words.map(({ text, reward }) =>
      reward > 0
        ? html`<b class="gain">${text}</b> `
        : reward < 0
          ? html`<u class="loss">${text}</u> `
          : html`${text} `,
    );
  }

  #row(name: string, what: unknown, className: string, draft: Draft | null) {
    return html`<div class="draft">
      <div class="who"><b class=${className}>${name}</b><span>${what}</span></div>
      <p>${draft ? this.#words(draft) : html`<span class="muted">Too many drafts to draw here.</span>`}</p>
      <output class=${className}>${draft ? signed(Number(draft.reward.toPrecision(6)), 3) : ''}</output>
    </div>`;
  }

  #rows(shown: Shown, drafts: Drafts) {
    const { n, log10_n } = shown.view.derived;
    const how = drafts.one_by_one
      ? n !== null && n < 1e15 && !Number.isInteger(n)
        ? 'N rounded, the others thrown away'
        : 'the others are thrown away'
      : 'its reward drawn by its exact law, then a draft that earns it';
    return html`${this.#row('Base', 'p(y)', '', drafts.base)}
      ${this.#row(`Best of ${countOf(n, log10_n)}`, how, 'best-of-n', drafts.best_of_n)}
      ${
        drafts.losers.length > 0
          ? html`<details class="losers"><summary>${drafts.draws - 1 === drafts.losers.length ? 'The' : `${drafts.losers.length} of the`} ${whole(drafts.draws - 1)} thrown away</summary>
              ${drafts.losers.map((loser, i) => this.#row(`No. ${i + 1}`, '', '', loser))}</details>`
          : ''
      }
      ${this.#row('KL-RL', html`the tilt p(y) e<sup>αr(y)</sup> / Z`, 'kl-rl', drafts.kl_rl)}`;
  }

  override render() {
    const { drafts } = this;
    const shown = this.#of;
    const tooLong = shown !== null && lengthOf(shown.scenario) > longestDraft;
    return html`<section class="drafts" aria-labelledby="drafts-title">
      <div class="drafts-head">
        <h2 id="drafts-title">One draw of each</h2>
        <button type="button" class="button" ?disabled=${!drafts} @click=${this.#again}>Draw again</button>
      </div>
      ${
        shown && drafts
          ? this.#rows(shown, drafts)
          : html`<p class="muted">${tooLong ? `Drafts of up to ${longestDraft} are written out; these are longer.` : ''}</p>`
      }
    </section>`;
  }
}

customElements.define('tilt-drafts', DraftsElement);
