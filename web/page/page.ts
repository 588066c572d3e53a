import { html, LitElement, type TemplateResult } from 'lit';
import { connect } from '../engine/client.js';
import { once } from '../engine/once.js';
import { frontier } from '../figures/frontier.js';
import { gap } from '../figures/gap.js';
import { laws } from '../figures/laws.js';
import { suits } from '../figures/registry.js';
import { divergences } from '../figures/renyi-divergence.js';
import { kindWordsOf } from '../models/registry.js';
import { featuresOf } from '../models/transform.js';
import type { TiltLabError } from '../scenario/error.js';
import { Address } from '../session/address.js';
import { Words } from '../session/frames.js';
import { isSection } from '../session/hash.js';
import { Session } from '../session/session.js';
import { watch } from '../session/watch.js';
import { sentence } from '../words/sentence.js';
import { pageControls } from './coefficient.js';
import { foot } from './foot.js';
import { lead, subjectOf, title } from './lead.js';
import { linkOf } from './linked.js';
import { normalised } from './mend.js';
import { engineRestarted } from './notices.js';
import { Sight } from './sight.js';
import { siteNav } from './site-nav.js';
import { makeWay, stayStanding } from './standing.js';
import { summary } from './summary.js';
import './figure-element.js';
import './dice.js';
import './drafts.js';
import './editor.js';
import './gallery.js';
import './link.js';
import { more } from './more.js';
import './story.js';

export class PageElement extends LitElement {
  static override properties = { said: { state: true }, restarted: { state: true } };
  readonly session = new Session(once(connect), linkOf);
  readonly #address = new Address(this.session);
  /** For those who hear the page: what happened out of their sight. */
  declare private said: string;
  declare private restarted: boolean;
  readonly #sight = new Sight(
    (inView) => {
      // The sentence says whether the gap falls.
      this.session.need('gap', inView);
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
    else void this.#address.open(location.hash);
  };

  constructor() {
    super();
    this.said = '';
    this.restarted = false;
    watch(this);
  }

  readonly #say = (words: string) => {
    this.said = words;
  };

  /** Probabilities that do not sum to 1 can be made to, by one click. */
  readonly #mend = (error: TiltLabError) => {
    const { session } = this;
    const mended = session.refused && normalised(session.refused, error);
    return mended
      ? html` <button type="button" class="quiet small" @click=${() => void session.load(mended)}>Divide them by their sum</button>`
      : '';
  };

  #skip(event: Event) {
    event.preventDefault();
    const title = document.getElementById((event.currentTarget as HTMLAnchorElement).hash.slice(1));
    title?.setAttribute('tabindex', '-1');
    title?.focus();
  }

  /** To the part of the page that the address names; once, since the address is the scenario's. */
  #go() {
    const id = location.hash.slice(1);
    const part = document.getElementById(id);
    if (part) hold(part, 'start');
    else this.#address.refuse('link', `"${id}" is neither a scenario nor a part of this page`);
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    window.addEventListener('popstate', this.#back);
    this.#narrow.addEventListener('change', this.#refit);
    this.#sight.start();
    this.#height.observe(this);
    this.session.engine.onRestart = () => {
      this.restarted = true;
    };
    void this.#address.open(location.hash).then(() => this.#arrive());
    // A step back in the editor must not move the page; a page that is opened again stands where it stood.
    addEventListener('pagehide', this.#hide);
    addEventListener('pageshow', this.#keep);
  }

  readonly #hide = () => {
    history.scrollRestoration = 'auto';
  };
  readonly #keep = () => {
    if (document.documentElement.dataset.ready) history.scrollRestoration = 'manual';
  };

  /** Where the address points to: a part of the page by its name, or a figure as `?view=` names it. */
  async #arrive() {
    await this.updateComplete;
    history.scrollRestoration = 'manual';
    const view = new URLSearchParams(location.search).get('view');
    if (isSection(location.hash)) requestAnimationFrame(() => this.#go());
    else if (view)
      requestAnimationFrame(() => {
        const figure = [...this.querySelectorAll<HTMLElement>('[data-figure]')].find((f) => f.dataset.figure === view);
        if (figure) hold(figure, 'center');
        else this.#address.refuse('view', `"${view}" is no figure of this model`);
      });
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.#back);
    this.#narrow.removeEventListener('change', this.#refit);
    removeEventListener('pagehide', this.#hide);
    removeEventListener('pageshow', this.#keep);
    this.#sight.stop();
    this.#dock.disconnect();
    this.#height.disconnect();
    this.#words.stop();
  }

  /** The height of the controls that stand over the foot of the page. */
  readonly #dock = new ResizeObserver(([entry]) => {
    const height = entry?.borderBoxSize[0]?.blockSize ?? 0;
    document.documentElement.style.setProperty('--dock', `${Math.ceil(height)}px`);
  });

  #docked: Element | null = null;

  /** What has the focus stays clear of the controls when something above it grows. */
  readonly #height = new ResizeObserver(() => {
    const focused = document.activeElement;
    const over = this.#docked?.getBoundingClientRect();
    if (!focused?.matches(':focus-visible') || !over || this.#docked?.contains(focused)) return;
    const { top, bottom } = focused.getBoundingClientRect();
    if (bottom > over.top && top < over.bottom) focused.scrollIntoView({ block: 'nearest' });
  });

  protected override updated() {
    const { shown, error } = this.session;
    if (!shown) {
      if (error) stayStanding(error);
      return;
    }
    const dock = document.querySelector('.dock');
    if (dock !== this.#docked) {
      this.#dock.disconnect();
      if (dock) this.#dock.observe(dock);
      this.#docked = dock;
    }
    this.#sight.watch(this, 'aside');
    void makeWay(this.querySelector('tilt-figure')).then(() => {
      document.documentElement.dataset.ready = 'true';
    });
  }

  override render() {
    const { session } = this;
    const { shown, scenario } = session;
    const { model } = scenario;
    const kind = featuresOf(scenario);
    const story = kind.hasTokens?.(model) || kind.states?.(model);
    return html`
      <a class="skip" href=${story ? '#tilt-title' : '#editor-title'} @click=${this.#skip}>Skip to ${story ? 'the statements' : 'a model of your own'}</a>
      <header class="site">${siteNav('story')}<tilt-link .session=${session} .address=${this.#address}></tilt-link></header>
      <main>
        <h1 id="top" tabindex="-1">${title}</h1>
        <p class="unseen" role="status">${this.said}</p>
        ${lead(html`${subjectOf(scenario)}.`)}
        <section class="main-figure" aria-label="The frontier and its controls">
          <tilt-figure .session=${session} .figure=${frontier} .shown=${shown}></tilt-figure>
          <aside>
            ${this.#sight.render('aside', shown?.scenario, (room) => {
              const said = shown && this.#words.say(() => ({ sentence: sentence(shown), summary: summary(shown) }));
              if (room !== null) return html`<div style="height:${room}px"></div>`;
              return html`<div class="sentence">${said ? said.sentence : html`<p></p>`}</div>
                <tilt-notices .session=${session} .link=${this.#address} .mend=${this.#mend}></tilt-notices>
                ${shown?.view.late ? html`<p class="notice" role="status">A part of the engine has not come yet; figures that need it wait, and it is asked for again.</p>` : ''}
                ${this.restarted ? engineRestarted : ''}
                ${this.#narrow.matches ? '' : html`<div class="controls">${shown ? pageControls(session, shown) : ''}</div>`}
                <div class="summary">${said ? said.summary : ''}</div>`;
            })}
          </aside>
        </section>
        ${kind.hasDrafts?.(model) ? html`<tilt-drafts .session=${session}></tilt-drafts>` : ''}
        ${kind.isDrawn?.(model) ? html`<tilt-dice .session=${session}></tilt-dice>` : ''}
        <section class="pair" aria-label="Laws and gap">
          <tilt-figure .session=${session} .figure=${laws} .shown=${shown}></tilt-figure>
          ${shown && suits('divergences', shown) ? html`<tilt-figure .session=${session} .figure=${divergences} .shown=${shown}></tilt-figure>` : shown && !suits('gap', shown) ? '' : html`<tilt-figure .session=${session} .figure=${gap} .shown=${shown}></tilt-figure>`}
        </section>
        <tilt-story .session=${session} .shown=${shown} .docked=${!this.#narrow.matches}></tilt-story>
        ${more()}
        <tilt-editor .session=${session} .address=${this.#address}></tilt-editor>
        <tilt-gallery .session=${session} .say=${this.#say}></tilt-gallery>
        ${this.#narrow.matches && shown ? html`<div class="dock" role="group" aria-label="Budget and length">${pageControls(session, shown)}</div>` : ''}
      </main>
      <footer class="site">
        <p class="print-only">${this.#sight.onPaper ? new URL(this.#address.link, location.href).href : ''}</p>
        <p><b>In words.</b> ${kindWordsOf(model).origin(model)} Best-of-N is allowed N = e<sup>budget</sup> drafts. Everything here is computed in this browser, exactly, from what is stated here
          alone: nothing is sent anywhere.</p>
        ${foot()}
      </footer>`;
  }
}

/** Scrolls to a part and stays with it while what stands above takes its height, until the reader moves. */
function hold(part: Element, block: ScrollLogicalPosition): void {
  const until = performance.now() + 1500;
  let isHeld = true;
  const release = () => {
    isHeld = false;
  };
  for (const move of ['wheel', 'pointerdown', 'keydown'])
    addEventListener(move, release, { once: true, passive: true });
  const again = () => {
    if (!isHeld || performance.now() > until) return;
    part.scrollIntoView({ block });
    requestAnimationFrame(again);
  };
  again();
}

customElements.define('tilt-page', PageElement);
