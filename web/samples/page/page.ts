import { html, LitElement, type TemplateResult } from 'lit';
import { siteNav } from '../../page/site-nav.js';
import { plural, whole } from '../../words/format.js';
import type { Progress, Recognised } from '../import.js';
import type { Layout } from '../layout.js';
import type { Held, HeldDraft, NamedGains, Verdict } from '../protocol.js';
import { shippedPrice } from '../shipped.js';
import type { PromptCurves } from '../types.js';
import { type Measure, measureName, overKl, overN, type Said } from './charts.js';
import { filesOf } from './dropped.js';
import { draftsTable, extremes, multiples, type Order, promptTable } from './prompts.js';
import { recognisedPanel } from './recognised.js';
import { numbers, sentence } from './sentence.js';
import { Cancelled, Refused, Working } from './working.js';
import './chart-element.js';

/** What the page is about to do with the files that were given. */
type Step =
  | { name: 'idle' }
  | { name: 'looking' }
  | { name: 'choosing'; files: readonly File[]; recognised: Recognised; layout: Layout }
  | { name: 'reading'; progress: Progress | null; started: number; stop: AbortController };

const low = (width: number) => (width > 560 ? 330 : 270);

/** Which N? The page for a reader's own drafts; until there are any, for those that ship. */
export class SamplesElement extends LitElement {
  static override properties = {
    step: { state: true },
    held: { state: true },
    verdict: { state: true },
    prompts: { state: true },
    curves: { state: true },
    opened: { state: true },
    drafts: { state: true },
    measure: { state: true },
    order: { state: true },
    failure: { state: true },
    over: { state: true },
    isWorking: { state: true },
  };
  declare private step: Step;
  declare private held: Held | null;
  declare private verdict: Verdict | null;
  declare private prompts: NamedGains | null;
  declare private curves: ReadonlyMap<number, PromptCurves>;
  declare private opened: number | null;
  declare private drafts: readonly HeldDraft[];
  declare private measure: Measure;
  declare private order: { by: Order; down: boolean };
  /** What went wrong, in one line. */
  declare private failure: string;
  /** Whether files are held over the page. */
  declare private over: boolean;
  declare private isWorking: boolean;
  #working = new Working();
  /** The files on show, to read them again by another layout; null for the table that ships. */
  #files: readonly File[] | null = null;
  #recognised: Recognised | null = null;
  #price: number | null = shippedPrice;
  /** Whether the reader typed it. */
  #isPriced = false;

  constructor() {
    super();
    this.step = { name: 'idle' };
    this.held = null;
    this.verdict = null;
    this.prompts = null;
    this.curves = new Map();
    this.opened = null;
    this.drafts = [];
    this.measure = 'gold';
    this.order = { by: 'gain', down: true };
    this.failure = '';
    this.over = false;
    this.isWorking = false;
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    addEventListener('dragover', this.#dragOver);
    addEventListener('dragleave', this.#dragLeave);
    addEventListener('drop', this.#drop);
    addEventListener('paste', this.#paste);
    void this.#showShipped();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('dragover', this.#dragOver);
    removeEventListener('dragleave', this.#dragLeave);
    removeEventListener('drop', this.#drop);
    removeEventListener('paste', this.#paste);
    this.#working.stop();
  }

  readonly #dragOver = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over = true;
  };
  readonly #dragLeave = (event: DragEvent) => {
    if (event.relatedTarget === null) this.over = false;
  };
  readonly #drop = (event: DragEvent) => {
    event.preventDefault();
    this.over = false;
    if (event.dataTransfer) void filesOf(event.dataTransfer).then((files) => this.#look(files));
  };
  readonly #paste = (event: ClipboardEvent) => {
    if (event.target instanceof HTMLInputElement || !event.clipboardData) return;
    void filesOf(event.clipboardData).then((files) => this.#look(files));
  };

  get #settings() {
    return { seed: 1, price: this.#price };
  }

  /** Says what went wrong; a cancelled request is nothing wrong. */
  #fail(error: unknown) {
    if (error instanceof Cancelled) return;
    const { message, name } = error as Error;
    const isRefusal = error instanceof Refused || name === 'ReadError';
    this.failure = isRefusal ? message : `Something failed here: ${message}`;
  }

  async #showShipped() {
    if (!this.#isPriced) this.#price = shippedPrice;
    this.failure = '';
    this.step = { name: 'idle' };
    try {
      const { held, verdict } = await this.#working.ask('read', { type: 'shipped', settings: this.#settings });
      this.#files = null;
      this.#recognised = null;
      await this.#show(held, verdict);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #look(files: readonly File[]) {
    if (files.length === 0) return;
    this.failure = '';
    this.step = { name: 'looking' };
    try {
      await this.#working.ready(files);
      const { recognised } = await this.#working.ask('recognised', { type: 'recognise', files });
      this.step = { name: 'choosing', files, recognised, layout: recognised.layout };
    } catch (error) {
      this.step = { name: 'idle' };
      this.#fail(error);
    }
    await this.updateComplete;
    this.querySelector<HTMLElement>('.recognised h2, .failure')?.focus();
  }

  async #read(files: readonly File[], recognised: Recognised, layout: Layout) {
    const stop = new AbortController();
    // Of a draft of others' nothing is known; one that was typed stays.
    if (!this.#isPriced) this.#price = null;
    this.step = { name: 'reading', progress: null, started: performance.now(), stop };
    try {
      const { held, verdict } = await this.#working.ask(
        'read',
        { type: 'read', files, layout, settings: this.#settings },
        (progress) => {
          if (this.step.name === 'reading') this.step = { ...this.step, progress };
        },
        stop.signal,
      );
      this.#files = files;
      this.#recognised = recognised;
      this.step = { name: 'idle' };
      await this.#show(held, verdict);
    } catch (error) {
      this.step = { name: 'choosing', files, recognised, layout };
      this.#fail(error);
    }
  }

  async #show(held: Held, verdict: Verdict) {
    this.held = held;
    this.verdict = verdict;
    this.opened = null;
    this.measure = held.layout.columns.gold === null ? 'reward' : 'gold';
    await this.#findPrompts();
    document.documentElement.dataset.ready = 'true';
  }

  /** What each prompt gains, and the curves of those that gain and lose most. */
  async #findPrompts() {
    const { verdict } = this;
    if (!verdict) return;
    const { prompts } = await this.#working.ask('gains', { type: 'gains', n: this.#shownN(verdict) });
    const { gained, lost } = extremes(prompts);
    const places = [...gained, ...lost];
    const { curves } = await this.#working.ask('curves', { type: 'curves', prompts: places });
    this.prompts = prompts;
    this.curves = new Map(places.map((place, i) => [place, curves[i] as PromptCurves]));
  }

  /** The N that prompts are compared at. */
  #shownN({ judged: { advice } }: Verdict): number {
    return this.held?.layout.columns.gold == null || advice.best === 1 ? advice.largest : advice.best;
  }

  async #setPrice(event: Event) {
    const field = event.target as HTMLInputElement;
    const text = field.value.trim().replace('−', '-');
    const price = text === '' ? null : Number(text);
    if (price !== null && !(price >= 0 && Number.isFinite(price))) {
      field.setCustomValidity('a number of at least 0');
      field.reportValidity();
      return;
    }
    field.setCustomValidity('');
    this.#price = price;
    this.#isPriced = price !== null;
    this.isWorking = true;
    try {
      this.verdict = (await this.#working.ask('judged', { type: 'judge', settings: this.#settings })).verdict;
    } catch (error) {
      this.#fail(error);
    }
    this.isWorking = false;
  }

  async #open(prompt: number) {
    if (this.opened === prompt) {
      this.opened = null;
      return;
    }
    const { drafts } = await this.#working.ask('drafts', { type: 'drafts', prompt });
    this.drafts = drafts;
    this.opened = prompt;
    await this.updateComplete;
    this.querySelector('.drafts-of')?.scrollIntoView({ block: 'nearest' });
  }

  #sort(by: Order) {
    this.order = { by, down: this.order.by === by ? !this.order.down : by !== 'name' };
  }

  get #said(): Said {
    const { reward, gold } = this.held?.called ?? { reward: '', gold: null };
    return { reward, gold, unit: gold ?? reward };
  }

  #choose() {
    if (!this.#files || !this.#recognised || !this.held) return;
    this.step = { name: 'choosing', files: this.#files, recognised: this.#recognised, layout: this.held.layout };
  }

  /** A guess that can be changed, or a name where there is nothing to change. */
  #guess(name: string | null) {
    return this.#files
      ? html`<button type="button" class="guess" @click=${this.#choose}>${name ?? 'none'}</button>`
      : html`<span class="guess">${name}</span>`;
  }

  #fileLine() {
    const { held, verdict } = this;
    const judged = verdict?.judged;
    const left = held?.refused.reduce((sum, { count }) => sum + count, 0) ?? 0;
    const each = judged
      ? judged.fewest === judged.most
        ? whole(judged.most)
        : `${whole(judged.fewest)} to ${whole(judged.most)}`
      : '';
    return html`<div class="file">
      <p><b>${held?.name ?? ' '}</b>${
        held && judged
          ? html` <span class="muted">${whole(judged.prompts)} ${plural(judged.prompts, 'prompt')} × ${each} drafts</span>
            <span class="muted">reward ${this.#guess(held.layout.columns.reward)}</span>
            <span class="muted">gold ${this.#guess(held.layout.columns.gold)}</span>
            ${held.runs.length > 1 ? html`<span class="muted">the last of ${whole(held.runs.length)} runs</span>` : ''}
            ${
              left === 0
                ? html`<span class="muted">none of ${whole(held.rows)} rows refused</span>`
                : html`<details class="refused"><summary>${whole(left)} of ${whole(held.rows)} rows refused</summary><ul>${held.refused.map(
                    ({ reason, count, first }) => html`<li>${whole(count)}: ${reason}, first at ${first}</li>`,
                  )}</ul></details>`
            }`
          : ''
      }</p>
      <p class="open">${
        this.#files
          ? html`<button type="button" class="quiet" @click=${this.#showShipped}>Back to HumanEval</button>`
          : ''
      }<label class="button">Open your file<input class="unseen" type="file" multiple accept=".csv,.tsv,.jsonl,.ndjson,.json,.yaml,.yml,.parquet,.txt" @change=${(
        event: Event,
      ) => {
        const field = event.target as HTMLInputElement;
        const files = [...(field.files ?? [])];
        field.value = '';
        void this.#look(files);
      }} /></label></p>
    </div>`;
  }

  #busy(): TemplateResult | string {
    const { step } = this;
    if (step.name === 'looking') return html`<p class="busy muted" role="status">Looking at the first rows…</p>`;
    if (step.name === 'reading') {
      const { progress, started, stop } = step;
      const seconds = (performance.now() - started) / 1000;
      const rate = progress && seconds > 0.2 ? `, ${whole(progress.rows / seconds)} a second` : '';
      return html`<div class="busy"><progress max="1" .value=${progress ? progress.read / progress.bytes : 0} aria-label="Read"></progress>
        <span class="muted" role="status">${progress ? `${whole(progress.rows)} rows${rate}` : 'Reading…'}</span>
        <button type="button" class="button" @click=${() => stop.abort()}>Cancel</button></div>`;
    }
    if (step.name !== 'choosing') return '';
    return recognisedPanel(
      step.recognised,
      step.layout,
      (layout) => {
        this.step = { ...step, layout };
      },
      () => void this.#read(step.files, step.recognised, step.layout),
      () => {
        this.step = { name: 'idle' };
        this.failure = '';
      },
    );
  }

  #cost() {
    const { verdict } = this;
    const stop = verdict?.judged.advice.stop ?? null;
    return html`<p class="price"><label>A draft costs <input class="typed" inputmode="decimal" size="6" .value=${
      this.#price === null ? '' : String(this.#price)
    } placeholder="0.005" aria-label="What a draft costs, in ${this.#said.unit}" @change=${this.#setPrice} /> ${this.#said.unit}</label>${
      this.isWorking
        ? '…'
        : stop === null
          ? ': type a price, and this says where to stop.'
          : html`: stop at <b>${whole(stop)}</b>.`
    }</p>`;
  }

  #main(verdict: Verdict) {
    const { judged } = verdict;
    const said = this.#said;
    const offered: Measure[] = said.gold === null ? ['reward', 'win_rate'] : ['gold', 'reward', 'win_rate'];
    const label = { gold: 'gold', reward: 'reward', win_rate: 'win rate' };
    const axes = {
      offered: offered.map((name) => ({ name, label: label[name] })),
      chosen: this.measure,
      onChoose: (name: string) => {
        this.measure = name as Measure;
      },
    };
    return html`<section class="main-figure" aria-label=${`${measureName(this.measure, said)} over N`}>
      <tilt-chart .chart=${overN(judged, said, this.measure)} .axes=${axes}></tilt-chart>
      <aside>
        <div class="sentence"><p role="status">${sentence(judged, said)}</p></div>
        ${numbers(judged, said)}
        ${this.#cost()}
      </aside>
    </section>`;
  }

  #where(verdict: Verdict) {
    const { prompts, opened } = this;
    if (!prompts || verdict.judged.prompts < 2) return '';
    const { gained, lost } = extremes(prompts);
    const n = this.#shownN(verdict);
    const { gold, reward } = this.#said;
    const open = (prompt: number) => void this.#open(prompt);
    const what = gold ?? reward;
    return html`<section class="where" aria-labelledby="where-title">
      <h2 id="where-title">Where it helps${gold === null ? '' : ', where it is fooled'}</h2>
      <div class="sides">
        <div><p><b>Most gained at N = ${whole(n)}.</b> <span class="muted">${what} against N, 1 to ${whole(verdict.judged.most)}.</span></p>
          ${multiples('gained', gained, prompts, this.curves, opened, open)}</div>
        ${
          gold === null
            ? ''
            : html`<div><p><b>Most lost.</b> <span class="muted">${lost.length === 0 ? 'Nowhere.' : `${reward} prefers worse drafts here.`}</span></p>
              ${multiples('lost', lost, prompts, this.curves, opened, open)}</div>`
        }
      </div>
      ${
        opened === null
          ? ''
          : draftsTable(prompts.names[opened] ?? '', this.drafts, () => {
              this.opened = null;
            })
      }
      <details class="all-prompts"><summary>All ${whole(prompts.names.length)} prompts</summary>
        ${promptTable(prompts, this.order, n, (by) => this.#sort(by), open)}</details>
    </section>`;
  }

  #advice(verdict: Verdict) {
    const known = verdict.advice.filter(({ about }) => about !== 'unknown');
    const unknown = verdict.advice.filter(({ about }) => about === 'unknown');
    const how = {
      bootstrap: 'Intervals are 95 %, by 2,000 resamples of the prompts.',
      student: 'Intervals are 95 %, by Student’s t over the prompts.',
      likelihood: 'Intervals are 95 %, by the likelihood of this prompt’s drafts, for N up to a tenth of them.',
    }[verdict.judged.intervals];
    return html`<section class="told" aria-labelledby="told-title">
      <h2 id="told-title">What these data say</h2>
      <div class="sides"><ul>${known.map(({ words }) => html`<li>${words}</li>`)}</ul>
        <div><p><b>What they cannot tell.</b></p><ul>${unknown.map(({ words }) => html`<li>${words}</li>`)}<li>${how} Best-of-N is the mean over all subsets of N drafts, so no one draw decides; KL is that of the drafts’ own law.</li></ul></div></div>
    </section>`;
  }

  override render() {
    const { verdict, failure } = this;
    return html`<a class="skip" href="#where-title">Skip to the prompts</a>
      <header class="site">${siteNav('samples')}</header>
      <main class=${this.over ? 'over' : ''}>
        <h1>Which N?</h1>
        <p class="lead">Drop a file of scored drafts. Here is how many to draw, what that costs in KL, and where the reward model starts to be fooled. Nothing leaves this machine.</p>
        ${this.#fileLine()}
        ${failure ? html`<p class="notice failure" role="alert" tabindex="-1">${failure}</p>` : ''}
        ${this.#busy()}
        ${verdict ? this.#main(verdict) : html`<section class="main-figure"><tilt-chart></tilt-chart><aside></aside></section>`}
        ${verdict ? this.#where(verdict) : ''}
        ${verdict ? html`<section class="measured"><tilt-chart .chart=${overKl(verdict.judged, this.#said)} .tall=${low}></tilt-chart>${this.#advice(verdict)}</section>` : ''}
      </main>
      <footer class="site"><p><b>In words.</b> A row is a draft with its prompt and its score; gold, where there is a column of it, is what the score stands for. CSV, JSON, JSON Lines, YAML and parquet are read, as TRL, verl, OpenRLHF, lm-evaluation-harness, human-eval and others write them. All of it happens in this browser: this page may open no connection.</p></footer>`;
  }
}

customElements.define('tilt-samples', SamplesElement);
