import { html, LitElement } from 'lit';
import { isTheme } from '../../embed/options.js';
import { quote } from '../../link/reader.js';
import { ReadError } from '../reading/batch.js';
import { isSavedReport, mostOfSaved, readSavedReport, type Saved } from '../saved.js';
import { axesOf } from './chart-element.js';
import { type Measure, measureName, overKl, overN, saidOf } from './charts.js';
import { numbers, sentence } from './sentence.js';

const views = ['n', 'kl'] as const;
type View = (typeof views)[number];

/** As the address writes it, which messages show cut short. */
const nameOf = ({ protocol, pathname }: URL) =>
  (protocol === 'data:' ? '' : (pathname.split('/').pop() ?? '').slice(0, 200)) || 'report';

function addressOf(asked: string): URL | null {
  try {
    const address = new URL(asked, location.href);
    return asked !== '' && /^(https?|data):$/.test(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

/** The report that lies at an address. @throws ReadError in one line */
async function fetched(address: URL): Promise<Saved> {
  const name = nameOf(address);
  const response = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(() => {
    throw new ReadError(`${name}: did not come; another site must allow it (Access-Control-Allow-Origin)`);
  });
  if (!response.ok) throw new ReadError(`${name}: did not come (${response.status})`);
  if (Number(response.headers.get('content-length')) > mostOfSaved) throw new ReadError(`${name}: is over 50 MB`);
  const text = await response.text();
  if (!isSavedReport(text.slice(0, 60))) throw new ReadError(`${name}: is no report that samples.html saved`);
  return readSavedReport(name, text);
}

/**
 * A saved report in somebody else's page: `report.html?report=ADDRESS&view=n|kl&theme=auto|light|dark`. It computes
 * nothing, tells the page around how high it is, and takes its theme, as `embed.html` does.
 */
export class ReportElement extends LitElement {
  static override properties = {
    saved: { state: true },
    measure: { state: true },
    failure: { state: true },
  };
  declare private saved: Saved | null;
  declare private measure: Measure;
  declare private failure: string;
  #view: View = 'n';
  #address: URL | null = null;
  #asked = { width: 0, height: 0 };

  constructor() {
    super();
    this.saved = null;
    this.measure = 'gold';
    this.failure = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    const query = new URLSearchParams(location.search);
    const theme = query.get('theme') ?? 'auto';
    this.#theme(isTheme(theme) ? theme : 'auto');
    const view = query.get('view') ?? 'n';
    const known = views.find((name) => name === view);
    this.#view = known ?? 'n';
    addEventListener('message', ({ source, data }) => {
      if (source === parent && data?.type === 'tilt-lab:theme' && data.v === 1 && isTheme(data.theme))
        this.#theme(data.theme);
    });
    new ResizeObserver(() => this.#fit()).observe(this);
    if (known === undefined) this.failure = `view: ${quote(view)} is not one of ${views.join(', ')}`;
    void this.#open(query.get('report') ?? '');
  }

  async #open(asked: string) {
    try {
      this.#address = addressOf(asked);
      if (!this.#address) throw new ReadError(`report: ${quote(asked)} is not the address of a saved report`);
      const saved = await fetched(this.#address);
      const { gold } = saved.held.called;
      this.measure = gold === null ? 'reward' : 'gold';
      // What it lacks is told here, and not by a page that stops halfway.
      this.#charts(saved);
      this.saved = saved;
    } catch (error) {
      this.failure = error instanceof ReadError ? error.message : 'report: is no whole saved report';
    }
    await this.updateComplete;
    document.documentElement.dataset.ready = 'true';
    this.#fit();
  }

  #theme(theme: string) {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  /** Its height is that of its content at a width, whatever height the frame has: it is said once for each. */
  #fit() {
    const { width, height } = this.getBoundingClientRect();
    const high = Math.ceil(height);
    if (parent === window || width === 0 || (!this.saved && !this.failure)) return;
    if (Math.abs(high - this.#asked.height) <= 1 && width === this.#asked.width) return;
    this.#asked = { width, height: high };
    parent.postMessage({ type: 'tilt-lab:resize', v: 1, height: high, drawn: true }, '*');
  }

  #charts(saved: Saved) {
    const said = saidOf(saved.held.called);
    const { judged } = saved.verdict;
    return {
      said,
      chart: this.#view === 'n' ? overN(judged, said, this.measure) : overKl(judged, said),
      words: sentence(judged, said),
      list: numbers(judged, said),
    };
  }

  #report(saved: Saved) {
    const { said, chart, words, list } = this.#charts(saved);
    const axes =
      this.#view === 'kl'
        ? null
        : axesOf(said, this.measure, (measure) => {
            this.measure = measure;
          });
    return html`<section class="main-figure" aria-label=${`${measureName(this.measure, said)}: ${saved.held.name}`}>
      <tilt-chart .chart=${chart} .axes=${axes} .tall=${(width: number) => (width > 560 ? 330 : 270)}></tilt-chart>
      <aside><div class="sentence"><p>${words}</p></div>${list}</aside>
    </section>`;
  }

  override render() {
    const { saved, failure } = this;
    return html`
      <h1 class="unseen" tabindex="-1">Which N?</h1>
      ${failure ? html`<p class="notice" role="alert">${failure}</p>` : ''}
      ${saved ? this.#report(saved) : ''}
      <footer>
        ${saved ? html`<span>${saved.held.name}</span>` : ''}
        ${saved && this.#address ? html`<a href=${this.#address.href} target="_blank" rel="noopener noreferrer" download>The report</a>` : ''}
        <a href="./samples.html" target="_blank" rel="noopener">Your own drafts</a>
        <span class="by">Tilt Lab ${saved?.verdict.engine ?? ''}</span>
      </footer>`;
  }
}

customElements.define('tilt-report', ReportElement);
