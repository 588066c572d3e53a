import { html, LitElement, type TemplateResult } from 'lit';
import { frontier } from '../figures/frontier.js';
import { gap } from '../figures/gap.js';
import { laws } from '../figures/laws.js';
import { divergences } from '../figures/renyi-divergence.js';
import { controls } from './controls.js';
import { familyName } from './families.js';
import { Words } from './frames.js';
import { sentence } from './sentence.js';

import { Sight } from './sight.js';
import { isSection, store } from './store.js';
import { summary } from './summary.js';
import './figure-element.js';
import './dice.js';
import './drafts.js';
import './editor.js';
import './gallery.js';
import './link.js';
import './notices.js';
import './story.js';
import { term } from './term.js';

export class PageElement extends LitElement {
  #stop = () => {};
  readonly #sight = new Sight(
    (inView) => {
      // The sentence says whether the gap falls.
      store.need('gap', inView);
      this.requestUpdate();
    },
    () => {
      this.requestUpdate();
      this.performUpdate();
    },
  );
  readonly #words = new Words<{ sentence: TemplateResult; summary: TemplateResult }>(() => this.requestUpdate());
  /** On a narrow page the controls stay in reach below everything, instead of beside the first figure alone. */
  readonly #narrow = matchMedia('(max-width: 820px)');
  readonly #refit = () => this.requestUpdate();
  readonly #back = () => {
    if (isSection(location.hash)) this.#go();
    else void store.open(location.hash);
  };

  /** To the part of the page that the address names; once, since the address is the scenario's. */
  #go() {
    const id = location.hash.slice(1);
    const part = document.getElementById(id);
    if (part) part.scrollIntoView();
    else store.refuse('link', `"${id}" is neither a scenario nor a part of this page`);
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#stop = store.subscribe(() => this.requestUpdate());
    window.addEventListener('popstate', this.#back);
    this.#narrow.addEventListener('change', this.#refit);
    this.#sight.start();
    void store.open(location.hash).then(async () => {
      if (!isSection(location.hash)) return;
      await this.updateComplete;
      requestAnimationFrame(() => this.#go());
    });
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#stop();
    window.removeEventListener('popstate', this.#back);
    this.#narrow.removeEventListener('change', this.#refit);
    this.#sight.stop();
    this.#dock.disconnect();
    this.#words.stop();
  }

  /** The height of the controls that stand over the foot of the page. */
  readonly #dock = new ResizeObserver(([entry]) => {
    const height = entry?.borderBoxSize[0]?.blockSize ?? 0;
    document.documentElement.style.setProperty('--dock', `${Math.ceil(height)}px`);
  });

  protected override updated() {
    if (!store.shown) return;
    const dock = document.querySelector('.dock');
    if (dock) this.#dock.observe(dock);
    this.#sight.watch(this, 'aside');
    document.documentElement.dataset.ready = 'true';
  }

  #subject(): TemplateResult {
    const { model, title } = store.scenario;
    if (model.kind === 'text')
      return html`on ${term('Moby-Dick', 'the words of Moby-Dick')}, rewarded for ${term('VADER', 'sounding glad')}`;
    if (model.kind === 'continuous') {
      const law = html`a single draw of ${familyName(model)} reward`;
      return title ? html`in <em>${title}</em>, ${law}` : html`in ${law}`;
    }
    const count = model.kind === 'finite' ? `${model.outcomes.length} outcomes` : `${model.tokens.length} tokens`;
    return title ? html`in <em>${title}</em>, a model of ${count}` : html`in a model of ${count}`;
  }

  override render() {
    const { shown } = store;
    return html`
      <header class="site"><span class="brand">Tilt Lab</span><tilt-link></tilt-link></header>
      <main>
        <h1>What does a nat of KL buy?</h1>
        <p class="lead">A language model can be aligned by drawing <em>N</em> drafts and keeping the best, or by the
          ${term('optimum', 'optimal policy')} within a budget of ${term('KL')}, in ${term('nats')}. Drag the budget: here, exactly, is what
          each one buys ${this.#subject()}.</p>
        <section class="main-figure" aria-label="The frontier and its controls">
          <tilt-figure .figure=${frontier} .shown=${shown}></tilt-figure>
          <aside>
            ${this.#sight.render('aside', shown?.scenario, (room) => {
              const said = shown && this.#words.say(() => ({ sentence: sentence(shown), summary: summary(shown) }));
              if (room !== null) return html`<div style="height:${room}px"></div>`;
              return html`<div class="sentence">${said ? said.sentence : html`<p></p>`}</div>
                <tilt-notices></tilt-notices>
                ${this.#narrow.matches ? '' : html`<div class="controls">${shown ? controls(shown) : ''}</div>`}
                <div class="summary">${said ? said.summary : ''}</div>`;
            })}
          </aside>
        </section>
        ${store.scenario.model.kind === 'continuous' ? '' : html`<tilt-drafts></tilt-drafts><tilt-dice></tilt-dice>`}
        <section class="pair" aria-label="Laws and gap">
          <tilt-figure .figure=${laws} .shown=${shown}></tilt-figure>
          ${shown?.scenario.model.kind === 'continuous' ? html`<tilt-figure .figure=${divergences} .shown=${shown}></tilt-figure>` : shown && !shown.unit ? '' : html`<tilt-figure .figure=${gap} .shown=${shown}></tilt-figure>`}
        </section>
        <tilt-story .shown=${shown} .docked=${!this.#narrow.matches}></tilt-story>
        <tilt-editor></tilt-editor>
        <tilt-gallery></tilt-gallery>
        ${this.#narrow.matches && shown ? html`<div class="dock" role="group" aria-label="Budget and length">${controls(shown)}</div>` : ''}
      </main>
      <footer class="site">
        <p class="print-only">${this.#sight.onPaper ? new URL(store.link, location.href).href : ''}</p>
        <p><b>In words.</b> ${
          store.scenario.model.kind === 'text'
            ? html`The base model here draws words of Moby-Dick by how often they stand in it; a draft's reward is the sum of its words'
              valences in the VADER lexicon.`
            : store.scenario.model.kind === 'continuous'
              ? html`The base model here is known by the law of its reward alone.`
              : html`The base model here draws from the table by its probabilities; a draft's reward is the sum of what it drew.`
        } KL divergence, in nats, says how far a policy has moved from the base model: a policy whose drafts are each e times likelier
          than before has spent one nat. Best-of-N is allowed N = e<sup>budget</sup> drafts. After Yang, Salamatian, Sun, Suresh and Beirami,
          <a href="https://arxiv.org/abs/2404.01730">Asymptotics of Language Model Alignment</a>.</p>
        ${location.protocol === 'file:' ? '' : html`<p class="hint"><a href="./verify.html">The same bits in your browser</a></p>`}
      </footer>`;
  }
}

customElements.define('tilt-page', PageElement);
