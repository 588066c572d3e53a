import { encoded } from '../scenario/percent.js';

/**
 * `<tilt-lab view="frontier" scenario="v=1&…">`: wraps the iframe of one figure. Attributes: `view`, `scenario` (a link, its
 * part after `#`, or a scenario as JSON), `show`, `theme` (auto, light, dark, or page for the color-scheme of where it stands), `background` (paper, transparent), `font` (names
 * of fonts), `report` (the address of a saved report on drafts, which is shown instead), `height` in pixels, `title`, `site`, where Tilt Lab's files are, for scripts that do not lie among them, and
 * `loading`: `eager` draws before anyone looks, for paper. What stands inside the element is shown until the figure is
 * drawn, and where scripts are off.
 */
const own = new URL('.', import.meta.url).href;
const usual = 480;
const least = 50;
const most = 5000;
const clamp = (height: number) => Math.min(most, Math.max(least, Math.round(height)));

/** Attributes that the frame's address says by the same names. */
const asked = ['view', 'show', 'theme', 'background', 'font'];
const dark = globalThis.matchMedia?.('(prefers-color-scheme: dark)');

/** A server that renders pages may import this too; there it does nothing. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

export class TiltLabElement extends Base {
  static readonly observedAttributes = [...asked, 'report', 'scenario', 'height', 'title', 'site', 'loading'];
  #frame: HTMLIFrameElement | null = null;
  /** The page that shows the same. */
  readonly #full = globalThis.document?.createElement('a') as HTMLAnchorElement;
  /** A frame that was not in view yet is wanted on paper too: the next sheet has it, drawn. */
  readonly #print = () => {
    if (this.#frame && !this.#inside?.hidden) this.#wake(this.#frame);
  };
  #wake(frame: HTMLIFrameElement) {
    frame.name = 'print';
    frame.loading = 'eager';
  }
  /** What stands inside the element; hidden once the frame says that it has drawn. */
  #inside: HTMLSlotElement | null = null;
  /** Whether the frame has spoken: one that has not would not hear. */
  #heard = false;

  readonly #resize = ({ source, data }: MessageEvent) => {
    if (!this.#frame || source !== this.#frame.contentWindow) return;
    if (data?.type !== 'tilt-lab:resize' || data.v !== 1 || !Number.isFinite(data.height)) return;
    this.#frame.style.height = `${clamp(data.height)}px`;
    this.#heard = true;
    // Earlier releases say nothing of it.
    if (this.#inside) this.#inside.hidden = data.drawn !== false;
    // What changed before the frame could hear.
    this.#follow();
  };

  /** Pages switch by an attribute, or with the reader's system. */
  readonly #follow = () => {
    const theme = this.#theme();
    if (theme !== this.#themed) this.#tell(theme);
  };
  readonly #switches = globalThis.MutationObserver && new MutationObserver(this.#follow);
  #themed = '';

  connectedCallback() {
    addEventListener('message', this.#resize);
    dark?.addEventListener('change', this.#follow);
    addEventListener('beforeprint', this.#print);
    for (const of of [document.documentElement, document.body]) this.#switches?.observe(of, { attributes: true });
    this.#draw();
  }

  disconnectedCallback() {
    removeEventListener('message', this.#resize);
    dark?.removeEventListener('change', this.#follow);
    removeEventListener('beforeprint', this.#print);
    this.#switches?.disconnect();
    this.#frame?.remove();
    this.#frame = null;
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null) {
    const frame = this.#frame;
    if (!frame || before === now) return;
    // A theme changes in place, so that a page's switch of light and dark costs no reader their settings.
    // Before the frame has spoken its address says the theme.
    if (name === 'theme' && this.#heard) this.#tell(this.#theme());
    else if (name === 'height') frame.style.height = this.#height();
    else if (name === 'title') frame.title = now ?? '';
    else this.#draw();
  }

  #site() {
    const given = this.getAttribute('site');
    return given === null ? own : new URL(given.endsWith('/') ? given : `${given}/`, document.baseURI).href;
  }

  #height() {
    const height = Number(this.getAttribute('height') ?? usual);
    return `${clamp(Number.isFinite(height) ? height : usual)}px`;
  }

  /** As the attribute says; of `page` that of the place it stands at. */
  #theme(): string {
    const theme = this.getAttribute('theme') ?? 'auto';
    if (theme !== 'page') return theme;
    const scheme = getComputedStyle(this).colorScheme;
    const isDark = /dark/.test(scheme) && (!/light/.test(scheme) || dark?.matches);
    return isDark ? 'dark' : 'light';
  }

  #tell(theme: string) {
    if (!this.#heard) return;
    this.#themed = theme;
    this.#frame?.contentWindow?.postMessage({ type: 'tilt-lab:theme', v: 1, theme }, '*');
  }

  /** Where the figure is; the scenario after `#`. */
  #address(): string {
    const report = this.getAttribute('report');
    const address = new URL(report === null ? 'embed.html' : 'report.html', this.#site());
    for (const name of asked) {
      const value = this.getAttribute(name);
      if (value === null) continue;
      address.searchParams.set(name, name === 'theme' ? this.#themed : value);
    }
    const scenario = this.getAttribute('scenario')?.trim() ?? '';
    const hash = scenario.startsWith('{') ? encoded(scenario) : scenario.slice(scenario.indexOf('#') + 1);
    if (report !== null) {
      // As the page that the element stands in writes its links.
      const link = document.createElement('a');
      link.href = report;
      address.searchParams.set('report', link.href);
    }
    // Commas are plain in a query and read better.
    return `${address.href.replaceAll('%2C', ',')}${hash ? `#${hash}` : ''}`;
  }

  #draw() {
    this.#themed = this.#theme();
    const frame = document.createElement('iframe');
    frame.title = this.getAttribute('title') ?? 'Tilt Lab: best-of-N against KL-RL';
    frame.allow = 'clipboard-write';
    // A page that is isolated shows no frame whose host does not say that it may.
    if (globalThis.crossOriginIsolated) frame.setAttribute('credentialless', '');
    frame.style.cssText = `display:block;width:100%;height:${this.#height()};border:0`;
    frame.loading = 'lazy';
    if (this.getAttribute('loading') === 'eager') this.#wake(frame);
    frame.src = this.#address();
    this.#full.href = frame.src.replace('embed.html', '');
    this.#full.textContent = frame.title;
    if (!this.shadowRoot) {
      const root = this.attachShadow({ mode: 'open' });
      const style = new CSSStyleSheet();
      style.replaceSync(
        ':host{display:block;position:relative}:host([hidden]){display:none}slot{display:block;position:absolute;inset:0;overflow:hidden}slot[hidden]{display:none}@media print{slot:not([hidden]){position:static}slot:not([hidden])+iframe{position:absolute;top:0;opacity:0}a::after,::slotted(a)::after{content:": "attr(href);overflow-wrap:anywhere}}',
      );
      root.adoptedStyleSheets = [style];
      this.#inside = document.createElement('slot');
      // Where nothing stands inside: on paper a frame that was never in view is a hole, and a link is what can be read of it.
      this.#inside.append(this.#full);
      root.append(this.#inside);
    }
    if (this.#inside) this.#inside.hidden = false;
    this.#heard = false;
    this.#frame?.remove();
    this.#frame = frame;
    this.shadowRoot?.append(frame);
  }
}

if (globalThis.customElements?.get('tilt-lab') === undefined)
  globalThis.customElements?.define('tilt-lab', TiltLabElement);
