import { scaleLinear } from 'd3-scale';
import { html, LitElement, svg } from 'lit';
import type { Frontier } from '../engine/types.js';
import { path } from '../figures/path.js';
import { rove } from '../figures/roving.js';
import { type Exhibit, gallery } from '../scenario/gallery.js';
import type { Session } from '../session/session.js';
import { budgetOf } from '../words/shown.js';

const size = { width: 132, height: 72 };

/** A scenario's frontier in small. */
function thumbnail({ kl_end, kl_rl, best_of_n }: Frontier) {
  const rewards = [...kl_rl.reward, ...best_of_n.reward].filter((reward) => reward !== null);
  if (rewards.length === 0) return svg``;
  const low = Math.min(...rewards);
  const high = Math.max(...rewards);
  const x = scaleLinear([0, kl_end], [3, size.width - 3]);
  const y = scaleLinear([low, high > low ? high : low + 1], [size.height - 4, 4]);
  const through = (curve: { kl: number[]; reward: (number | null)[] }) =>
    path(
      curve.kl.flatMap((kl, i): [number, number][] => {
        const reward = curve.reward[i] ?? null;
        return reward === null ? [] : [[x(kl), y(reward)]];
      }),
    );
  return svg`<path class="curve kl-rl" d=${through(kl_rl)}></path><path class="curve best-of-n dashed" d=${through(best_of_n)}></path>`;
}

/** Scenarios worth a look, each drawn from its own data. */
export class GalleryElement extends LitElement {
  declare session: Session;
  /** Tells those who hear the page what happened out of their sight. */
  declare say: (words: string) => void;
  readonly #drawn = new Map<Exhibit, Frontier>();
  #observer: IntersectionObserver | null = null;

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      this.#observer?.disconnect();
      // Where an engine is missing, the page says so elsewhere.
      this.#draw().catch(() => {});
    });
    this.#observer.observe(this);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer?.disconnect();
  }

  /** One after another, and only while the reader waits for nothing. */
  async #draw() {
    const { engine } = this.session;
    const lane = engine.lane();
    for (const exhibit of gallery) {
      while (!this.#drawn.has(exhibit)) {
        while (!engine.idle) await new Promise((resolve) => setTimeout(resolve, 50));
        const { scenario } = exhibit;
        try {
          const view = await lane.view(scenario, { klEnd: 2 * budgetOf(scenario) });
          if (view) this.#drawn.set(exhibit, view.frontier);
        } catch {
          // The engine has not come; it is asked for again.
          if (!this.isConnected) return;
          await new Promise((resolve) => setTimeout(resolve, 5000));
        }
      }
      this.requestUpdate();
    }
    lane.close();
  }

  /** Shows an exhibit from the top, where the reader's focus goes too. */
  #show({ name, scenario }: Exhibit) {
    void this.session.load(scenario);
    this.say(`${name} is shown.`);
    const title = document.querySelector<HTMLElement>('h1');
    title?.focus({ preventScroll: true });
    title?.scrollIntoView({ block: 'start' });
  }

  override render() {
    return html`<section class="gallery" aria-labelledby="gallery-title">
      <h2 id="gallery-title">Other things to tilt</h2>
      <ul role="toolbar" aria-labelledby="gallery-title" aria-orientation="horizontal" @keydown=${rove}>${gallery.map(
        (exhibit, i) => {
          const frontier = this.#drawn.get(exhibit);
          return html`<li role="none"><button type="button" data-rove tabindex=${i === 0 ? 0 : -1} @click=${() => this.#show(exhibit)}>
          <svg width=${size.width} height=${size.height} aria-hidden="true">${frontier ? thumbnail(frontier) : svg``}</svg>
          <span><b>${exhibit.name}</b> ${exhibit.look}</span>
        </button></li>`;
        },
      )}</ul>
    </section>`;
  }
}

customElements.define('tilt-gallery', GalleryElement);
