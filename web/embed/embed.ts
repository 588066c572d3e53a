import { html, LitElement, type TemplateResult } from 'lit';
import { connect } from '../engine/client.js';
import { once } from '../engine/once.js';
import { retried } from '../engine/retried.js';
import type { Figure } from '../figures/figure.js';
import { figures, suits } from '../figures/registry.js';
import { controls } from '../page/controls.js';
import type { FigureElement } from '../page/figure-element.js';
import { engineRestarted } from '../page/notices.js';
import type { TiltLabError } from '../scenario/error.js';
import { readHash, unpacked } from '../session/hash.js';
import { OpenedLink } from '../session/opened-link.js';
import { Session } from '../session/session.js';
import { watch } from '../session/watch.js';
import { partOf, type Shown, unitOf } from '../words/shown.js';
import { isTheme, type Options, readOptions, type Theme } from './options.js';
import { stillOf } from './still.js';
import '../page/figure-element.js';

/**
 * A figure is never drawn lower than this, which leaves 200 to its plot where captions take many lines and the usual frame
 * is soon full; an embed that needs more room asks for it.
 */
const lowest = (width: number) => (width < 560 ? 280 : 250);
/** Milliseconds in which a page around answers, or pixels that it is off when it answers late: all else is its author's choice. */
const answering = 1000;
const near = 64;
/** The page around takes no less. */
const least = 50;

const forPaper = window.name === 'print';

const lacks = ({ name, part }: Figure, shown: Shown) =>
  !suits(name, shown) || (part !== undefined && partOf(shown.view, part) === null);

/**
 * One figure in somebody else's page. It fills the height that its frame has, asks for more only where it needs it, and
 * starts its engine when it is seen or touched.
 */
export class EmbedElement extends LitElement {
  static override properties = {
    figure: { state: true },
    still: { state: true },
    room: { state: true },
    sentence: { state: true },
    restarted: { state: true },
  };
  declare private figure: Figure | null;
  declare private still: Shown | null;
  declare private room: number | null;
  /** Loaded only where the author shows it. */
  declare private sentence: ((shown: Shown) => TemplateResult) | null;
  declare private restarted: boolean;
  readonly session = new Session(
    once(() => {
      const engine = connect('shared');
      engine.onRestart = () => {
        this.restarted = true;
      };
      return engine;
    }),
    unpacked,
  );
  readonly #link = new OpenedLink(this.session);
  readonly #options: Options;
  readonly #problems: TiltLabError[];
  /** Height that the author gave the frame, and what of its height now is not an open table's. */
  #author = window.innerHeight;
  #given = window.innerHeight;
  #asked = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Whether the page around knows that there is something to see. */
  #told = false;
  /** Of an open table. */
  #extra = 0;
  /** What everything but the figure and an open table needed at this width, at most: captions may grow while dragging. */
  #rest = { width: 0, height: 0 };
  #started = false;

  constructor() {
    super();
    watch(this);
    this.figure = null;
    this.still = null;
    this.room = null;
    this.sentence = null;
    this.restarted = false;
    const { options, problems } = readOptions(location.search);
    this.#options = options;
    this.#problems = problems;
    this.#theme(options.theme);
    const root = document.documentElement;
    if (options.isTransparent) root.dataset.background = 'transparent';
    if (options.font) for (const role of ['--text', '--figures']) root.style.setProperty(role, options.font);
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    // Which says whether the gap falls.
    if (this.#options.show.has('sentence')) this.session.need('gap', true);
    new ResizeObserver(() => this.#fit()).observe(this);
    addEventListener('resize', () => {
      // An answer may be another height than the one that was asked for: it is filled, and nothing more is asked.
      const isAnswer = performance.now() - this.#askedAt < answering || Math.abs(innerHeight - this.#asked) < near;
      this.#given = innerHeight - (isAnswer ? this.#extra : 0);
      if (!isAnswer) this.#author = innerHeight;
      this.#fit(window.innerWidth !== this.#rest.width);
    });
    addEventListener('message', ({ source, data }) => {
      if (source === parent && data?.type === 'tilt-lab:theme' && data.v === 1 && isTheme(data.theme))
        this.#theme(data.theme);
    });
    const sight = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.#start();
    });
    sight.observe(this);
    // Paper shows what nobody has seen yet; the element says so by the name of a frame that has yet to come.
    addEventListener('beforeprint', () => this.#start());
    if (forPaper) this.#start();
    for (const touch of ['pointerdown', 'pointermove', 'keydown', 'focusin'])
      addEventListener(touch, () => this.#start(), { once: true, passive: true });
    void this.#load();
  }

  /** What did not come is asked for again, ever less often. */
  async #load(wait = 1000) {
    const { view, show } = this.#options;
    try {
      const [figure, still, words] = await Promise.all([
        retried<Figure | Record<string, Figure>>(() => (figures[view] as { load(): Promise<Figure> }).load()),
        stillOf(readHash(location.hash).scenario, view).catch(() => null),
        show.has('sentence') ? retried(() => import('../words/sentence.js')) : null,
      ]);
      // What came by another address is all that its script has.
      this.figure = 'draw' in figure ? (figure as Figure) : (Object.values(figure).find(({ draw }) => draw) as Figure);
      this.still = still;
      this.sentence = words?.sentence ?? null;
    } catch {
      setTimeout(() => void this.#load(Math.min(30_000, 2 * wait)), wait);
    }
  }

  #start() {
    if (this.#started) return;
    this.#started = true;
    void this.#link.open(location.hash, this.#problems).then(async () => {
      // Ready is what can be read.
      await this.updateComplete;
      // Out of view there are no frames to draw in, and nothing is observed: it is drawn, and drawn into the room that it has.
      for (let turns = forPaper ? 2 : 0; turns > 0; turns--) {
        dispatchEvent(new Event('beforeprint'));
        this.#fit();
        await this.updateComplete;
      }
      await this.querySelector<FigureElement>('tilt-figure')?.updateComplete;
      document.documentElement.dataset.ready = 'true';
    });
  }

  #theme(theme: Theme) {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  /**
   * Gives the figure the room that is left, and tells the page around how high all of it is.
   * @param asks whether it may be because of what is to be shown, and not of the height that the frame has
   */
  #fit(asks = true) {
    const drawing = this.querySelector('tilt-figure svg');
    const all = this.getBoundingClientRect();
    // Before the figure is there, its frame keeps the height that it has.
    if (all.width === 0 || (this.#options.show.has('chart') && !this.figure)) return;
    const table = this.querySelector('.table');
    this.#extra = table ? table.getBoundingClientRect().height + 8 : 0;
    const figure = drawing?.getBoundingClientRect().height ?? 0;
    // A scroll bar, which comes and goes with the height, is no other width.
    const width = window.innerWidth;
    if (width !== this.#rest.width) this.#rest = { width, height: 0 };
    this.#rest.height = Math.max(this.#rest.height, all.height - figure - this.#extra);
    const framed = parent !== window;
    const roomOf = (height: number) => Math.max(lowest(all.width), Math.floor(height - this.#rest.height));
    this.room = framed && this.#given > 0 ? roomOf(this.#given) : null;
    const drawn = this.room === null ? figure : roomOf(this.#author);
    const height = Math.max(least, Math.ceil(this.#rest.height + this.#extra + (drawing ? drawn : 0)));
    const isDrawn = !this.hasAttribute('data-waits');
    const tells = isDrawn !== this.#told;
    // A pixel more or less is rounding.
    if (!framed || !(tells || Math.abs(height - this.#asked) > 1)) return;
    this.#asked = height;
    if (!(asks || tells)) return;
    this.#askedAt = performance.now();
    this.#told = isDrawn;
    parent.postMessage({ type: 'tilt-lab:resize', v: 1, height, drawn: isDrawn }, '*');
  }

  protected override updated() {
    if (this.hasAttribute('data-waits') === this.#told) this.#fit();
  }

  override render() {
    const { show } = this.#options;
    const { figure, session } = this;
    const { shown: live, error } = session;
    const shown = live ?? this.still;
    const full = `./${live ? session.linkOf(live) : location.hash}`;
    /** Room for the controls that will come, so that they move nothing. */
    const waiting = () =>
      error
        ? ''
        : (unitOf(readHash(location.hash).scenario) ? [1, 2] : [1]).map(() => html`<div class="waiting"></div>`);
    const fits = parent === window || this.#given <= 0 || this.room !== null;
    this.toggleAttribute('data-waits', !error && !(shown && fits && (figure || !show.has('chart'))));
    const changed = live && live.scenario !== this.#link.scenario;
    const missing = live && figure && lacks(figure, live);
    return html`
      <h1 class="unseen" tabindex="-1">${figures[this.#options.view]?.title}</h1>
      ${this.sentence && shown ? html`<div class="sentence">${this.sentence(shown)}</div>` : ''}
      ${
        missing
          ? html`<p class="notice">The figure “${figure.name}” has nothing to show of this model.</p>`
          : show.has('chart') && figure
            ? html`<tilt-figure class=${show.has('caption') ? '' : 'bare'} .session=${session} .figure=${figure} .shown=${shown} .room=${this.room}></tilt-figure>`
            : ''
      }
      ${show.has('controls') ? html`<div class="controls">${live ? controls(session, live) : waiting()}</div>` : ''}
      <tilt-notices .session=${session} .link=${this.#link}></tilt-notices>
      ${this.restarted ? engineRestarted : ''}
      <footer>
        <a href=${full} target="_blank" rel="noopener">Open in full</a>
        ${changed ? html`<button type="button" class="quiet" @click=${() => void session.load(this.#link.scenario)}>Back to the start</button>` : ''}
        <span class="by">Tilt Lab ${shown?.view.report.engine}</span>
      </footer>`;
  }
}

customElements.define('tilt-embed', EmbedElement);
