import { html, LitElement, type TemplateResult } from 'lit';
import { pack } from '../../link/pack.js';
import { save } from '../../page/export.js';
import { siteNav } from '../../page/site-nav.js';
import { plural, whole } from '../../words/format.js';
import { first } from '../called.js';
import type { SampleBudgetChoice } from '../engine.js';
import type { Progress, Recognised } from '../import.js';
import type { Layout } from '../layout.js';
import type { Held, HeldDraft, NamedGains, Verdict } from '../protocol.js';
import { decodeSampleLink, encodeSampleLink, judgedDigest, mostPacked, type SampleLink } from '../sample-link.js';
import { isSavedReport, mostOfSaved, readSavedReport, savedReport } from '../saved.js';
import { shippedPrice } from '../shipped.js';
import type { Comparison, PromptCurves } from '../types.js';
import { axesOf } from './chart-element.js';
import { type Measure, measureName, overKl, overN, type Said, saidOf } from './charts.js';
import { filesOf } from './dropped.js';
import { draftsTable, extremes, multiples, type Order, promptTable } from './prompts.js';
import { recognisedPanel } from './recognised.js';
import { savePage } from './save.js';
import { atBudget, numbers, sentence } from './sentence.js';
import { Cancelled, Refused, Working } from './working.js';
import './differences.js';

/** What the page is about to do with the files that were given. */
type Step =
  | { name: 'idle' }
  | { name: 'looking' }
  | { name: 'choosing'; files: readonly File[]; recognised: Recognised; layout: Layout }
  | { name: 'reading'; progress: Progress | null; started: number; stop: AbortController };

/** How a budget is set: by drafts, by nats, or by the KL coefficient. */
const budgetKinds = { n: 'drafts', log_n: 'log N', kl: 'nats', beta: 'β' } as const;
type BudgetKind = keyof typeof budgetKinds;

const low = (width: number) => (width > 560 ? 330 : 270);

/** Which N? The page for a reader's own drafts; until there are any, for those that ship. */
export class SamplesElement extends LitElement {
  static override properties = {
    step: { state: true },
    held: { state: true },
    compared: { state: true },
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
    isSaved: { state: true },
    linked: { state: true },
    shared: { state: true },
  };
  declare private step: Step;
  declare private held: Held | null;
  /** The drafts whose curves may be compared: once all else has been asked of them, which price and budget are not. */
  declare private compared: Held | null;
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
  /** Whether what is on show is a saved report, without its drafts. */
  declare private isSaved: boolean;
  /** A link that was opened, and what became of it. */
  declare private linked: { link: SampleLink; said: string } | null;
  /** What became of sharing. */
  declare private shared: string | TemplateResult;
  /** The address that the page wrote last. */
  #written = '';
  #working = new Working();
  /** The files on show, to read them again by another layout; null for the table that ships. */
  #files: readonly File[] | null = null;
  #recognised: Recognised | null = null;
  #price: number | null = shippedPrice;
  /** Whether the reader typed it. */
  #isPriced = false;
  #budget: { kind: BudgetKind; value: number | null } = { kind: 'n', value: null };

  constructor() {
    super();
    this.step = { name: 'idle' };
    this.held = null;
    this.compared = null;
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
    this.isSaved = false;
    this.linked = null;
    this.shared = '';
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
    addEventListener('hashchange', this.#openHash);
    void this.#openHash();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('dragover', this.#dragOver);
    removeEventListener('dragleave', this.#dragLeave);
    removeEventListener('drop', this.#drop);
    removeEventListener('paste', this.#paste);
    removeEventListener('hashchange', this.#openHash);
    this.#working.stop();
  }

  /** What the address says: a table, or the name of one whose file is asked for; else the table that ships. */
  readonly #openHash = async () => {
    // An address that the page has just written itself.
    if (location.hash !== '' && location.hash === this.#written) return;
    const { link, problems } = decodeSampleLink(location.hash);
    if (link?.price != null) {
      this.#price = link.price;
      this.#isPriced = true;
    }
    const [kind, value] = Object.entries(link?.budget ?? {})[0] ?? [];
    if (kind) this.#budget = { kind: kind as BudgetKind, value: value ?? null };
    if (link?.text == null) await this.#showShipped();
    if (link) await this.#openLink(link);
    if (problems.length > 0) this.failure = problems.slice(0, 3).join(' ');
  };

  async #openLink(link: SampleLink) {
    this.linked = { link, said: '' };
    try {
      if (link.text === null) {
        // The table that ships is too large for a link as well, and is on show already.
        const { digest } = await this.#working.ask('table', { type: 'table' });
        if (digest === link.table && this.verdict) this.#compare(this.verdict);
        return;
      }
      if (!this.#isPriced) this.#price = null;
      const { held, verdict } = await this.#working.ask('read', {
        type: 'linked',
        text: link.text,
        link: { name: link.name, reward: link.reward, gold: link.gold },
        settings: this.#settings,
      });
      await this.#show(held, verdict);
      this.#compare(verdict);
    } catch (error) {
      this.linked = null;
      await this.#showShipped();
      this.#fail(error);
    }
  }

  /** Says whether what is on show is what the link was made of. */
  #compare({ judged, engine }: Verdict) {
    if (!this.linked) return;
    const { link } = this.linked;
    const isSame = judgedDigest(judged) === link.digest;
    const said = isSame
      ? `Reproduced: the numbers of the link, to nine digits, by engine ${engine}.`
      : `Engine differs: the link was made by ${link.engine || 'another'}, this is ${engine}.`;
    this.linked = { link, said };
  }

  /** After a file was read where a link asked for one: whether it is the same. */
  async #compareFile(verdict: Verdict) {
    if (!this.linked) return;
    const { link } = this.linked;
    const { digest } = await this.#working.ask('table', { type: 'table' });
    if (digest === link.table) this.#compare(verdict);
    else this.linked = { link, said: `These are other drafts than those of the link (${link.name}).` };
  }

  async #share() {
    const { held, verdict } = this;
    if (!held || !verdict) return;
    const { text, digest } = await this.#working.ask('table', { type: 'table' });
    const { judged, engine } = verdict;
    const hash = encodeSampleLink(
      {
        name: held.name,
        ...held.called,
        price: this.#price,
        budget: this.#settings.budget,
        table: digest,
        // Beyond it no packing helps.
        text: text.length < 40 * mostPacked ? text : null,
        engine,
        digest: judgedDigest(judged),
      },
      pack,
    );
    this.#written = hash;
    history.replaceState(null, '', hash);
    const carries = /&data=/.test(hash);
    const what = carries
      ? 'It carries the numbers of every draft.'
      : 'The table is too large for an address: whoever opens it is asked for the file, and told whether it is the same.';
    const copied = await navigator.clipboard.writeText(location.href).then(
      () => 'Link copied.',
      () => 'The link stands in the address.',
    );
    this.shared = `${copied} ${what}`;
  }

  /** A report that opens without its files. */
  #save() {
    const { held, verdict, prompts } = this;
    if (!held || !verdict || !prompts) return;
    const curves = [...this.curves].map(([place, each]) => [place, each] as const);
    const text = savedReport({ held, verdict, prompts, curves });
    const file = `${held.name.replaceAll(/[^\w.-]+/g, '-')}.which-n.json`;
    save(file, new Blob([text], { type: 'application/json' }));
    const frame = new URL('report.html', location.href);
    frame.hash = '';
    this.shared = html`Saved. Dropped here it opens without its drafts; beside a page of yours, <code>&lt;script src="${new URL('embed.js', frame).href}"&gt;&lt;/script&gt;&lt;tilt-lab report="${file}"&gt;&lt;/tilt-lab&gt;</code> shows it.`;
  }

  /** The answer as a page without scripts, for a frame in a text of one's own. */
  #savePage() {
    const figure = this.querySelector('.main-figure tilt-chart');
    const aside = this.querySelector('.main-figure aside');
    if (!this.held || !this.verdict || !figure || !aside) return;
    savePage(this.held.name, overN(this.verdict.judged, this.#said, this.measure), figure, aside);
  }

  /** Whether a file is a report that was saved here; then it is shown. */
  async #openSaved([file]: readonly File[]): Promise<boolean> {
    if (!file || file.size > mostOfSaved || !/\.json$/i.test(file.name)) return false;
    const head = await file.slice(0, 60).text();
    if (!isSavedReport(head)) return false;
    const saved = readSavedReport(file.name, await file.text());
    this.held = saved.held;
    this.verdict = saved.verdict;
    this.prompts = saved.prompts;
    this.curves = new Map(saved.curves);
    this.opened = null;
    this.isSaved = true;
    this.measure = saved.held.called.gold === null ? 'reward' : 'gold';
    this.step = { name: 'idle' };
    return true;
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
    const { kind, value } = this.#budget;
    return { seed: 1, price: this.#price, budget: value === null ? null : ({ [kind]: value } as SampleBudgetChoice) };
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
    this.linked = null;
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
      if (await this.#openSaved(files)) return;
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
      await this.#compareFile(verdict);
    } catch (error) {
      this.step = { name: 'choosing', files, recognised, layout };
      this.#fail(error);
    }
  }

  async #show(held: Held, verdict: Verdict) {
    this.held = held;
    this.verdict = verdict;
    this.opened = null;
    this.isSaved = false;
    this.shared = '';
    this.measure = held.layout.columns.gold === null ? 'reward' : 'gold';
    await this.#findPrompts();
    this.compared = held;
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

  /** The number in a field, null where it is empty; what is no such number is said there, and undefined. */
  #numberIn(field: HTMLInputElement, fits: (x: number) => boolean, rule: string): number | null | undefined {
    const text = field.value.trim().replace('−', '-');
    const value = text === '' ? null : Number(text);
    const isRefused = value !== null && !(Number.isFinite(value) && fits(value));
    field.setCustomValidity(isRefused ? rule : '');
    if (isRefused) field.reportValidity();
    return isRefused ? undefined : value;
  }

  async #setPrice(event: Event) {
    const price = this.#numberIn(event.target as HTMLInputElement, (x) => x >= 0, 'a number of at least 0');
    if (price === undefined) return;
    this.#price = price;
    this.#isPriced = price !== null;
    await this.#judge();
  }

  async #setBudget(kind: BudgetKind, field: HTMLInputElement) {
    const [fits, rule] = {
      n: [(x: number) => x >= 1 && x <= 1e300, 'a number of at least 1'] as const,
      log_n: [(x: number) => x >= 0, 'a number of at least 0'] as const,
      kl: [(x: number) => x >= 0, 'a number of at least 0'] as const,
      beta: [(x: number) => x > 0, 'a number above 0'] as const,
    }[kind];
    const value = this.#numberIn(field, fits, rule);
    this.#budget = { kind, value: value === undefined ? this.#budget.value : value };
    this.requestUpdate();
    if (value !== undefined) await this.#judge();
  }

  async #judge() {
    this.isWorking = true;
    try {
      this.verdict = (await this.#working.ask('judged', { type: 'judge', settings: this.#settings })).verdict;
    } catch (error) {
      this.#fail(error);
    }
    this.isWorking = false;
  }

  async #open(prompt: number) {
    if (this.isSaved) return;
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
    return saidOf(this.held?.called ?? { reward: '', gold: null });
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

  /** Of a link that was opened, and of one that was made. */
  #linkLine() {
    const { linked, shared } = this;
    if (shared) return html`<p class="notice" role="status">${shared}</p>`;
    if (!linked) return '';
    const { link, said } = linked;
    if (said) return html`<p class="notice" role="status">${said}</p>`;
    return link.text === null
      ? html`<p class="notice" role="status">This link is about <b>${link.name}</b>, which it does not carry: open that file, and this says whether it is the same. Until then the table that ships is shown.</p>`
      : '';
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
    if (this.isSaved) return html`<p class="price">A saved report: another price takes the files.</p>`;
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

  /** A budget as people set it, and what both policies have at it. */
  #budgeted() {
    if (this.isSaved) return '';
    const { kind, value } = this.#budget;
    const at = this.verdict?.judged.at_budget ?? null;
    const field = () => this.querySelector('.spends input') as HTMLInputElement;
    return html`<p class="price spends"><label>A budget of <input class="typed" inputmode="decimal" size="6" .value=${
      value === null ? '' : String(value)
    } placeholder="8" aria-label="Budget" @change=${() => void this.#setBudget(kind, field())} /></label>
      <select aria-label="Budget is in" @change=${(event: Event) =>
        void this.#setBudget((event.target as HTMLSelectElement).value as BudgetKind, field())}>${Object.entries(
        budgetKinds,
      ).map(([key, name]) => html`<option value=${key} ?selected=${key === kind}>${name}</option>`)}</select>${
        at && value !== null ? atBudget(at, this.#said) : ''
      }</p>`;
  }

  #main(verdict: Verdict) {
    const { judged } = verdict;
    const said = this.#said;
    const axes = axesOf(said, this.measure, (measure) => {
      this.measure = measure;
    });
    return html`<section class="main-figure" aria-label=${`${measureName(this.measure, said)} over N`}>
      <tilt-chart .chart=${overN(judged, said, this.measure)} .axes=${axes}></tilt-chart>
      <aside>
        <div class="sentence"><p role="status">${sentence(judged, said)}</p></div>
        ${numbers(judged, said)}
        ${this.#cost()}
        ${this.#budgeted()}
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
        <div><p><b>Most gained at N = ${whole(n)}.</b> <span class="muted">${first(what)} against N, 1 to ${whole(verdict.judged.most)}.</span></p>
          ${multiples('gained', gained, prompts, this.curves, opened, open)}</div>
        ${
          gold === null
            ? ''
            : html`<div><p><b>Most lost.</b> <span class="muted">${lost.length === 0 ? 'Nowhere.' : `${first(reward)} prefers worse drafts here.`}</span></p>
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

  readonly #difference = async (asked: Comparison) =>
    (await this.#working.ask('differences', { type: 'differences', asked })).rows;

  /** Two curves against each other; a saved report has no drafts to pair. */
  #versus({ judged }: Verdict) {
    return this.isSaved || this.compared !== this.held
      ? ''
      : html`<section class="versus-figure" aria-label="Two ways to choose, compared"><tilt-difference .judged=${judged} .said=${this.#said} .ask=${this.#difference} .tall=${low}></tilt-difference></section>`;
  }

  #advice(verdict: Verdict) {
    const known = verdict.advice.filter(({ about }) => about !== 'unknown');
    const unknown = verdict.advice.filter(({ about }) => about === 'unknown');
    const how = {
      bootstrap: 'Intervals are 95 %, by 2,000 resamples of the prompts.',
      student: 'Intervals are 95 %, by Student’s t over the prompts.',
      prompts:
        'Intervals are 95 %, by how far prompts differ: Student’s t, the same with their skewness, and likelihood where few of them carry the spread.',
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
      <header class="site">${siteNav('samples')}<span class="row">
        <button type="button" class="button" ?disabled=${!verdict} @click=${this.#save} aria-label="Save report"><span class="verb">Save </span>report</button>
        <button type="button" class="button" ?disabled=${!verdict} @click=${this.#savePage} aria-label="Save page"><span class="verb">Save </span>page</button>
        <button type="button" class="button" ?disabled=${!verdict || this.isSaved} @click=${this.#share} aria-label="Copy link"><span class="verb">Copy </span>link</button></span></header>
      <main class=${this.over ? 'over' : ''}>
        <h1>Which N?</h1>
        <p class="lead">Drop a file of scored drafts. Here is how many to draw, what that costs in KL, and where the reward model starts to be fooled. Nothing leaves this machine.</p>
        ${this.#fileLine()}
        ${this.#linkLine()}
        ${failure ? html`<p class="notice failure" role="alert" tabindex="-1">${failure}</p>` : ''}
        ${this.#busy()}
        ${verdict ? this.#main(verdict) : html`<section class="main-figure"><tilt-chart></tilt-chart><aside></aside></section>`}
        ${verdict ? this.#where(verdict) : ''}
        ${verdict ? html`<section class="measured"><tilt-chart .chart=${overKl(verdict.judged, this.#said)} .tall=${low}></tilt-chart>${this.#advice(verdict)}</section>${this.#versus(verdict)}` : ''}
      </main>
      <footer class="site"><p><b>In words.</b> A row is a draft with its prompt and its score; gold, where there is a column of it, is what the score stands for. KL, in nats, says how far a way to choose is from the sampler; KL-RL is what earns most reward at a KL, and the share of it that best-of-N earns says how near that comes. CSV, JSON, JSON Lines, YAML and parquet are read, as TRL, verl, OpenRLHF, lm-evaluation-harness, human-eval and others write them. All of it happens in this browser: this page may open no connection.</p></footer>`;
  }
}

customElements.define('tilt-samples', SamplesElement);
