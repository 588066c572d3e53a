import { html, LitElement, type TemplateResult } from 'lit';
import card from '../../data/moby-dick-model.json';
import { connect, type EngineClient } from '../../engine/client.js';
import type { Report } from '../../engine/types.js';
import { TiltLabError } from '../../scenario/error.js';
import type { Scenario } from '../../scenario/scenario.js';
import { number, signed, whole } from '../../words/format.js';
import {
  DraftsDigest,
  decodeLanguageLink,
  encodeLanguageLink,
  type LanguageLink,
  limits,
  modelDigest,
  mostLink,
  type Setting,
  shippedSetting,
  tokensOf,
} from '../language-link.js';
import { finiteModel } from '../optimum.js';
import { type RewardKind, rewardKinds, rewardOf, rewardText, type TextReward } from '../reward.js';
import type { RewardedWord } from '../types.js';
import { mostListBytes, refusedOfList, wordListIn } from '../word-list.js';
import { gapChart, klChart, lengthsTo, type Measured, type Shadow, type Shadows, three, within } from './charts.js';
import { Hands, Refused, Stopped } from './hands.js';
import { type Checked, columnOf, type Drawn, type Kept } from './protocol.js';
import { answer, conclusions, earned, gapSaid, klSaid } from './saying.js';
import { spawn } from './spawn.js';
import '../../samples/page/chart-element.js';

/** A draft as it is shown. */
interface Shown {
  text: string;
  reward: number;
  words: RewardedWord[];
}

/** Drafts a share: about half a second's work. */
const share = 64;
/** Drafts from `begun` to `end`; of the very first share one alone, which is read while the others are drawn. */
function sharesOf(begun: number, end: number): { first: number; n: number }[] {
  const out: { first: number; n: number }[] = [];
  for (let first = begun; first < end; ) {
    const n = first === 0 ? 1 : Math.min(share, end - first);
    out.push({ first, n });
    first += n;
  }
  return out;
}
const kindNames: Record<RewardKind, string> = {
  vader_sum: 'sentiment, word by word',
  vader: 'sentiment of the whole',
  word: 'a word stands in it',
  words: 'words with weights',
  length: 'length in characters',
  letter: 'share of a letter',
  repetition: 'words said before',
};
/** What a kind asks for beside its name, and what stands there first. */
const asked: Partial<Record<RewardKind, { label: string; first: string }>> = {
  word: { label: 'the word', first: 'whale' },
  letter: { label: 'the letter', first: 'e' },
  words: { label: 'words and weights', first: 'whale=1,sea=1,death=-2' },
};

const megabytes = (bytes: number) => `${number(bytes / 1e6, 2)} MB`;
/** As many as there are cores to spare; as the address says, `?workers=5`, where somebody wants to see the same bits. */
function workers(): number {
  const asked = Number(new URLSearchParams(location.search).get('workers'));
  if (Number.isInteger(asked) && asked >= 1 && asked <= 16) return asked;
  return Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1));
}

/** A real transformer: drawn from in this browser, judged, and held against exact theory. */
export class TransformerElement extends LitElement {
  static override properties = {
    starts: { type: Boolean },
    setting: { state: true },
    measured: { state: true },
    drawn: { state: true },
    wanted: { state: true },
    shadows: { state: true },
    best: { state: true },
    base: { state: true },
    tilted: { state: true },
    losers: { state: true },
    checked: { state: true },
    kept: { state: true },
    exact: { state: true },
    failure: { state: true },
    linked: { state: true },
    shared: { state: true },
    files: { state: true },
    isJudging: { state: true },
    law: { state: true },
    listed: { state: true },
    opening: { state: true },
  };
  /** Whether it draws without being asked. */
  declare starts: boolean;
  declare private setting: Setting;
  declare private measured: readonly Measured[];
  /** How many drafts there are, and how many there will be; `wanted` 0 where nothing is drawn. */
  declare private drawn: number;
  declare private wanted: number;
  declare private shadows: Shadows | null;
  declare private base: Shown | null;
  declare private best: Shown | null;
  declare private tilted: Shown | null;
  declare private losers: readonly Shown[];
  declare private checked: Checked | null;
  declare private kept: Kept | null;
  /** What listing all says, by the engine of exact laws. */
  declare private exact: { kl_rl: number; best_of_n: number } | null;
  declare private failure: string;
  declare private linked: { link: LanguageLink; said: string } | null;
  declare private shared: string;
  /** Names of a reader's own checkpoint and tokenizer; null: the model that ships. */
  declare private files: { name: string; checkpoint: Uint8Array; tokenizer: Uint8Array } | null;
  declare private isJudging: boolean;
  /** The law of the longest drafts' rewards as a model of the story, and what soft best-of-N earns at it. */
  declare private law: { link: string; soft: number | null; n: number } | null;

  /** The file that a list of words came from; '' where it was typed. */
  declare private listed: string;
  /** The first draft as it is shown before anything is found. */
  declare private opening: string;

  #hands = new Hands(spawn, workers());
  #isTaken = false;
  #engine: EngineClient | null = null;
  #version = '';
  #positions = card.shape.seq_len;
  #stop = new AbortController();
  #texts: string[] = [];
  #rewards: Float64Array[] = [];
  #digest = new DraftsDigest();
  #model = '';
  #written = '';
  /** Counts what was begun: what comes later of an earlier one is not shown. */
  #turn = 0;

  constructor() {
    super();
    this.starts = false;
    this.setting = shippedSetting;
    this.measured = [];
    this.drawn = 0;
    this.wanted = 0;
    this.shadows = null;
    this.base = null;
    this.best = null;
    this.tilted = null;
    this.losers = [];
    this.checked = null;
    this.kept = null;
    this.exact = null;
    this.failure = '';
    this.linked = null;
    this.shared = '';
    this.files = null;
    this.isJudging = false;
    this.law = null;
    this.listed = '';
    this.opening = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#target.addEventListener('dragover', this.#dragOver);
    this.#target.addEventListener('drop', this.#drop);
    if (!this.starts) return;
    addEventListener('hashchange', this.#openHash);
    this.#openHash();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#target.removeEventListener('dragover', this.#dragOver);
    this.#target.removeEventListener('drop', this.#drop);
    removeEventListener('hashchange', this.#openHash);
    this.#stop.abort();
    this.#hands.stop();
    this.#isTaken = false;
    this.#engine?.close();
    this.#engine = null;
  }

  /** Where files may be dropped: anywhere on a page of its own. */
  get #target(): EventTarget {
    return this.starts ? window : this;
  }

  readonly #dragOver = (event: Event) => {
    const { dataTransfer } = event as DragEvent;
    if (dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  /** One file is a list of words, two are a model. */
  readonly #drop = (event: Event) => {
    const files = [...((event as DragEvent).dataTransfer?.files ?? [])];
    const [first] = files;
    if (!first) return;
    event.preventDefault();
    void (files.length > 1 || first.size > mostListBytes ? this.#openModel(files) : this.#openWords(first));
  };

  readonly #openHash = () => {
    if (location.hash !== '' && location.hash === this.#written) return;
    const { link, problems } = decodeLanguageLink(location.hash);
    this.linked = link ? { link, said: '' } : null;
    this.listed = '';
    this.setting = link ?? shippedSetting;
    void this.#draw().then(() => {
      if (problems.length > 0) this.failure = problems.slice(0, 3).join(' ');
    });
  };

  #fail(error: unknown) {
    if (error instanceof Stopped) return;
    const { message } = error as Error;
    const isRefusal = error instanceof Refused || error instanceof TiltLabError;
    this.failure = isRefusal ? message : `Something failed here: ${message}`;
  }

  async #take() {
    if (this.#isTaken) return;
    const { shape, version } = await this.#hands.take(this.files);
    this.#isTaken = true;
    this.#positions = shape.seq_len;
    this.#version = version;
    this.#model = this.files ? await modelDigest(this.files.checkpoint) : card.sha256.model.slice(0, 12);
  }

  /** From the first draft. */
  async #draw() {
    this.#stop.abort();
    const turn = ++this.#turn;
    this.#texts = [];
    this.#rewards = [];
    this.#digest = new DraftsDigest();
    this.drawn = 0;
    this.measured = [];
    this.base = null;
    this.best = null;
    this.tilted = null;
    this.losers = [];
    this.law = null;
    this.shared = '';
    this.failure = '';
    this.opening = '';
    void this.#findShadows(turn);
    await this.#goOn(turn);
  }

  /** From what there is to what the setting says. */
  async #goOn(turn = ++this.#turn) {
    const { setting } = this;
    const stop = new AbortController();
    this.#stop = stop;
    const begun = this.#texts.length;
    this.wanted = setting.drafts;
    try {
      await this.#take();
      if (turn !== this.#turn) return;
      const length = tokensOf(setting.words, this.#positions, setting.prompt);
      const { prompt: text, seed, reward, words } = setting;
      const questions = sharesOf(begun, setting.drafts).map(({ first, n }) => ({
        type: 'draw' as const,
        generation: { prompt: text, length, first, n, seed },
        reward,
        words,
      }));
      let told = performance.now();
      await this.#hands.share(
        questions,
        (drawn: Drawn) => {
          if (turn !== this.#turn) return;
          this.#texts.push(...drawn.texts);
          this.#rewards.push(drawn.rewards);
          this.#digest.add(drawn.tokens, drawn.ends, drawn.logprobs);
          this.drawn = this.#texts.length;
          this.opening ||= firstWords(this.#texts[0] ?? '', words);
          if (this.drawn >= 256 && performance.now() - told > 2000 && !this.isJudging) {
            told = performance.now();
            void this.#judge(turn);
          }
        },
        stop.signal,
      );
      if (turn !== this.#turn) return;
      await this.#judge(turn);
      this.#compare();
      await this.#findLaw(turn);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    } finally {
      if (turn === this.#turn) {
        this.wanted = 0;
        document.documentElement.dataset.ready = 'true';
      }
    }
  }

  #halt() {
    this.#stop.abort();
    this.wanted = 0;
    const turn = ++this.#turn;
    if (this.#texts.length > 0) void this.#judge(turn);
  }

  /** Rewards of all drafts that there are, a row each. */
  #table(): Float64Array {
    const table = new Float64Array(this.#texts.length * this.setting.words);
    let at = 0;
    for (const part of this.#rewards) {
      table.set(part, at);
      at += part.length;
    }
    return table;
  }

  /** Of all drafts that there are. */
  async #judge(turn: number) {
    const { words, klPerWord, seed } = this.setting;
    const rewards = this.#table();
    const lengths = lengthsTo(words);
    this.isJudging = true;
    try {
      const found = await this.#hands.ask({ type: 'judge', rewards, words, lengths, klPerWord, seed });
      if (turn !== this.#turn) return;
      this.measured = lengths.map((length, i) => ({ length, found: found[i] as Measured['found'] }));
      await this.#pick(turn, rewards);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    } finally {
      this.isJudging = false;
    }
  }

  /** A draft of each policy, of the longest. */
  async #pick(turn: number, table: Float64Array) {
    const { words, seed, reward } = this.setting;
    const last = this.measured.at(-1)?.found;
    if (!last) return;
    const count = this.#texts.length;
    const rewards = columnOf(table, words, words - 1);
    const n = Math.max(1, Math.min(count, Math.round(last.n)));
    const alpha = Number.isFinite(last.alpha) ? last.alpha : 0;
    const { best, tilted } = await this.#hands.ask({ type: 'pick', rewards, n, alpha, seed });
    const losers = Array.from({ length: Math.min(n, 25) }, (_, i) => i).filter((i) => i !== best);
    const all = [0, best, ...(tilted === null ? [] : [tilted]), ...losers.slice(0, 24)];
    const texts = all.map((i) => firstWords(this.#texts[i] as string, words));
    const found = await this.#hands.ask({ type: 'words', reward, texts });
    if (turn !== this.#turn) return;
    const shown = all.map(
      (i, k): Shown => ({
        text: texts[k] as string,
        reward: rewards[i] as number,
        words: found[k] as RewardedWord[],
      }),
    );
    [this.base = null, this.best = null] = shown;
    this.tilted = tilted === null ? null : (shown[2] ?? null);
    this.losers = shown.slice(tilted === null ? 2 : 3);
  }

  /** What further policies make of the same drafts: exact at their own law, which the story takes too. */
  async #findLaw(turn: number) {
    const { words } = this.setting;
    const last = this.measured.at(-1)?.found;
    if (!last || last.is_refused || last.n < 1.5) return;
    const rewards = columnOf(this.#table(), words, words - 1);
    const law = await this.#hands.ask({ type: 'law', rewards });
    if (law.reward.length < 2) return;
    const n = Math.round(last.n);
    const scenario: Scenario = {
      v: 1,
      title: `${whole(last.drafts)} drafts of a transformer, ${words} words each`,
      model: finiteModel(law) as never,
      budget: { kl: last.kl },
      policies: [{ kind: 'soft_best_of_n', n, alpha: last.alpha }],
    };
    const report = await this.#exactly(scenario);
    if (!report || turn !== this.#turn) return;
    const { encodeLink } = await import('../../link/encode.js');
    const { stampOf } = await import('../../link/digest.js');
    this.law = {
      link: `./${encodeLink(scenario, stampOf(report))}`,
      soft: report.policies?.[0]?.reward ?? null,
      n,
    };
  }

  /** The report of a scenario by the engine of exact laws; null where that was closed meanwhile. */
  async #exactly(scenario: Scenario): Promise<Report | null> {
    this.#engine ??= connect('worker');
    const lane = this.#engine.lane();
    try {
      const view = await lane.view(scenario, { klEnd: 1, curves: [] });
      return view?.report ?? null;
    } finally {
      lane.close();
    }
  }

  /** What is exact of words without a transformer, for the one reward that they have. */
  async #findShadows(turn: number) {
    const { reward, words, klPerWord } = this.setting;
    this.shadows = null;
    if (reward.kind !== 'vader_sum' || this.files) return;
    const curve = async (order: 0 | 1): Promise<Shadow[]> => {
      const rows: Shadow[] = [];
      for (const length of lengthsTo(words)) {
        const scenario = {
          v: 1,
          model: { kind: 'text', source: 'moby-dick', order, length },
          budget: { kl_per_token: klPerWord },
        } as Scenario;
        const report = await this.#exactly(scenario);
        if (!report) return rows;
        rows.push({
          length,
          gap: (report.gap.reward ?? Number.NaN) / length,
          kl: (report.best_of_n.kl_to_kl_rl ?? Number.NaN) / length,
        });
      }
      return rows;
    };
    try {
      const shadows = { order0: await curve(0), order1: await curve(1) };
      if (turn === this.#turn) this.shadows = shadows;
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** Whether what was drawn is what the link says. */
  #compare() {
    if (!this.linked) return;
    const { link } = this.linked;
    const isOwn = link.model === '' || link.model === this.#model;
    const said = !isOwn
      ? 'This link is about another model: drop its two files, and this says whether the drafts are the same.'
      : link.digest === ''
        ? ''
        : link.digest === this.#digest.value
          ? `Reproduced: every token and every bit of log p of ${whole(this.drawn)} drafts, by engine ${this.#version}.`
          : `These are other drafts: the link was made by engine ${link.engine || 'of another version'}, this is ${this.#version}.`;
    this.linked = { link, said };
  }

  async #share() {
    const hash = encodeLanguageLink({
      ...this.setting,
      drafts: this.drawn,
      model: this.#model,
      engine: this.#version,
      digest: this.#digest.value,
    });
    if (hash.length > mostLink) {
      this.shared = `A link holds ${whole(mostLink)} characters, and with this list of words it has ${whole(hash.length)}: send its file along with the seed, ${this.setting.seed}.`;
      return;
    }
    this.#written = hash;
    history.replaceState(null, '', hash);
    this.shared = await navigator.clipboard.writeText(location.href).then(
      () => 'Link copied.',
      () => 'The link stands in the address.',
    );
  }

  #set(change: Partial<Setting>) {
    this.setting = { ...this.setting, ...change };
    this.linked = null;
    if (this.starts && location.hash) history.replaceState(null, '', location.pathname + location.search);
    this.#written = '';
    void this.#draw();
  }

  #number(event: Event, name: 'words' | 'klPerWord' | 'drafts' | 'seed') {
    const field = event.target as HTMLInputElement;
    const value = Number(field.value.trim().replace('−', '-'));
    const { least, most } = limits[name];
    const isWhole = name !== 'klPerWord';
    const isRight =
      field.value.trim() !== '' && value >= least && value <= most && (!isWhole || Number.isSafeInteger(value));
    field.setCustomValidity(
      isRight ? '' : `${isWhole ? 'a whole number' : 'a number'} from ${least} to ${whole(most)}`,
    );
    field.reportValidity();
    if (isRight) this.#set({ [name]: value });
  }

  #kind(event: Event) {
    const kind = (event.target as HTMLSelectElement).value as RewardKind;
    const first = asked[kind]?.first;
    this.listed = '';
    this.#set({ reward: rewardOf(first ? `${kind}:${first}` : kind) });
  }

  #detail(event: Event) {
    const field = event.target as HTMLInputElement;
    try {
      const reward = rewardOf(`${this.setting.reward.kind}:${field.value.trim()}`);
      field.setCustomValidity('');
      this.#set({ reward });
    } catch (error) {
      field.setCustomValidity((error as Error).message);
      field.reportValidity();
    }
  }

  /** What a field for files was given, which is then empty again. */
  #filesOf(event: Event): File[] {
    const field = event.target as HTMLInputElement;
    const files = [...(field.files ?? [])];
    field.value = '';
    return files;
  }

  /** A list of words with weights: what is wrong with it is said by its line, and the drafts stay. */
  async #openWords(file: File | undefined) {
    if (!file) return;
    const { name } = file;
    try {
      const { words, lines } = wordListIn(name, new Uint8Array(await file.slice(0, mostListBytes + 1).arrayBuffer()));
      const reward: TextReward = { kind: 'words', words };
      await this.#take();
      await this.#hands.ask({ type: 'words', reward, texts: [''] }).catch((error: Error) => {
        throw error instanceof Refused ? new Refused(refusedOfList(error.message, name, lines)) : error;
      });
      this.listed = `${whole(words.length)} of ${name.length > 40 ? `${name.slice(0, 40)}…` : name}`;
      this.#set({ reward });
    } catch (error) {
      this.#fail(error);
    }
  }

  async #openModel(given: readonly File[]) {
    const [checkpoint, tokenizer] = [...given].sort((a, b) => b.size - a.size);
    if (!checkpoint || !tokenizer) {
      this.failure = 'Two files are needed: a checkpoint and its tokenizer, as llama2.c writes them.';
      return;
    }
    const before = this.files;
    try {
      if (checkpoint.size > 2 ** 28) throw new Refused(`${checkpoint.name} has more than 256 MB.`);
      if (tokenizer.size > 2 ** 25) throw new Refused(`${tokenizer.name} has more than 32 MB.`);
      this.#stop.abort();
      this.#turn++;
      this.files = {
        name: checkpoint.name,
        checkpoint: new Uint8Array(await checkpoint.arrayBuffer()),
        tokenizer: new Uint8Array(await tokenizer.arrayBuffer()),
      };
      this.#isTaken = false;
      await this.#take();
      await this.#draw();
    } catch (error) {
      this.files = before;
      this.#isTaken = false;
      await this.#draw();
      this.#fail(error);
    }
  }

  /** Drafts of two tokens: all listed, weighted and kept. */
  async #check() {
    const reward: TextReward = { kind: 'letter', letter: 'e' };
    const turn = this.#turn;
    this.checked = null;
    this.kept = null;
    this.exact = null;
    try {
      await this.#take();
      const kl = 0.5;
      const checked = await this.#hands.ask({
        type: 'check',
        reward,
        prompt: '',
        length: 2,
        drafts: 20000,
        kl,
        seed: 1,
      });
      const scenario = { v: 1, model: finiteModel(checked.listed), budget: { kl } } as Scenario;
      const report = await this.#exactly(scenario);
      if (!report || turn !== this.#turn) return;
      this.checked = checked;
      this.exact = {
        kl_rl: report.kl_rl.reward ?? Number.NaN,
        best_of_n: report.best_of_n.reward ?? Number.NaN,
      };
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Words from a file, instead of typed ones. */
  #list() {
    return html`<span>${this.listed ? html`${this.listed} ` : ''}<label class="button">${this.listed ? 'Another' : 'From a'} file<input class="unseen" type="file" accept=".csv,.tsv,.txt,text/plain" aria-label="A file of words, each with its weight" @change=${(event: Event) => void this.#openWords(this.#filesOf(event)[0])} /></label></span>`;
  }

  /** Once its acceptance rate has been said. */
  async #reject({ rewards, drawn: { alpha }, most }: Checked) {
    try {
      this.kept = await this.#hands.ask({ type: 'reject', rewards, alpha, most, seed: 1 });
    } catch (error) {
      this.#fail(error);
    }
  }

  #controls() {
    const { setting } = this;
    const { reward } = setting;
    const detail = asked[reward.kind];
    const isBusy = this.wanted > 0;
    const typed = (name: 'words' | 'klPerWord' | 'drafts' | 'seed', label: string, size: number, after = '') =>
      html`<label>${label} <input class="typed" inputmode=${name === 'klPerWord' ? 'decimal' : 'numeric'} size=${size} .value=${String(setting[name])} @change=${(event: Event) => this.#number(event, name)} />${after}</label>`;
    return html`<div class="settings">
      <label>Reward <select @change=${this.#kind}>${rewardKinds.map((kind) => html`<option value=${kind} ?selected=${kind === reward.kind}>${kindNames[kind]}</option>`)}</select></label>
      ${detail && !this.listed ? html`<label>${detail.label} <input class="typed wide" size="16" .value=${rewardText(reward).replace(/^\w+:/, '')} @change=${this.#detail} /></label>` : ''}
      ${reward.kind === 'words' ? this.#list() : ''}
      <label>After <input class="typed wide" size="9" maxlength=${limits.promptLength} placeholder="nothing" aria-label="What the drafts go on from" .value=${setting.prompt} @change=${(event: Event) => this.#set({ prompt: (event.target as HTMLInputElement).value })} /></label>
      ${typed('words', 'Draft of', 3, ' words')}
      ${typed('klPerWord', 'Budget', 5, ' nats a word')}
      ${typed('seed', 'Seed', 5)}
      <span class="go">${
        isBusy
          ? html`<progress max=${this.wanted} .value=${this.drawn} aria-label="Drawn"></progress><span class="muted" role="status">${whole(this.drawn)} of ${whole(this.wanted)}</span><button type="button" class="button" @click=${this.#halt}>Stop</button>`
          : html`<span class="muted">${this.drawn > 0 ? `${whole(this.drawn)} drafts${this.drawn < 10_000 ? '; draw on' : ''}` : ''}</span>
            ${
              this.drawn === 0
                ? html`<button type="button" class="button strong" @click=${() => void this.#draw()}>Draw ${whole(setting.drafts)}</button>`
                : [2000, 4000, 10000]
                    .filter((n) => n > this.drawn)
                    .slice(0, 2)
                    .map(
                      (n) =>
                        html`<button type="button" class="button" aria-label="Draw on to ${whole(n)}" @click=${() => {
                          this.setting = { ...this.setting, drafts: n };
                          this.linked = null;
                          void this.#goOn();
                        }}>to ${whole(n)}</button>`,
                    )
            }`
      }</span>
    </div>`;
  }

  #words({ text, words }: Shown) {
    const out: (string | TemplateResult)[] = [];
    let at = 0;
    for (const { from, to, reward } of words) {
      if (from >= text.length) break;
      out.push(text.slice(at, from));
      const word = text.slice(from, to);
      out.push(reward > 0 ? html`<b class="gain">${word}</b>` : html`<u class="loss">${word}</u>`);
      at = to;
    }
    return html`${out}${text.slice(at)}`;
  }

  #row(name: string, what: string, className: string, shown: Shown | null) {
    return html`<div class="draft">
      <div class="who"><b class=${className}>${name}</b><span>${what}</span></div>
      <p>${shown ? html`<span class="muted">${this.setting.prompt}</span>${this.#words(shown)}` : html`<span class="muted">–</span>`}</p>
      <output class=${className}>${shown ? signed(Number(shown.reward.toPrecision(6)), 3) : ''}</output>
    </div>`;
  }

  #oneOfEach() {
    const last = this.measured.at(-1)?.found;
    if (!last || !this.base) return '';
    const n = Math.max(1, Math.min(this.drawn, Math.round(last.n)));
    return html`<section class="drafts" aria-labelledby="model-drafts">
      <h2 id="model-drafts">One draft of each</h2>
      ${this.#row('Base', 'as the transformer writes', '', this.base)}
      ${this.#row(`Best of ${whole(n)}`, 'the others are thrown away', 'best-of-n', this.best)}
      ${
        this.losers.length > 0
          ? html`<details class="losers"><summary>${this.losers.length < n - 1 ? `${whole(this.losers.length)} of the` : 'The'} ${whole(n - 1)} thrown away</summary>${this.losers.map((shown, i) => this.#row(`No. ${i + 1}`, '', '', shown))}</details>`
          : ''
      }
      ${this.#row('KL-RL', 'a draft that the tilt keeps', 'kl-rl', this.tilted)}
    </section>`;
  }

  #numbers() {
    const last = this.measured.at(-1)?.found;
    if (!last) return '';
    return html`<table class="earned"><caption>Reward of ${whole(this.setting.words)} words at ${three(last.kl)} nats, with 95 % intervals</caption><tbody>
      <tr><th scope="row">Base</th><td>${earned(last, 'base')}</td></tr>
      <tr class="best-of-n"><th scope="row">Best-of-N, N = ${number(last.n, 3)}</th><td>${earned(last, 'best_of_n')}</td></tr>
      <tr class="kl-rl"><th scope="row">KL-RL</th><td>${earned(last, 'kl_rl')}</td></tr>
      ${this.law ? html`<tr><th scope="row">Soft best of ${whole(this.law.n)}, at the tilt’s α</th><td>${three(this.law.soft ?? Number.NaN)}</td></tr>` : ''}
      <tr><th scope="row">KL that best-of-N spends</th><td>${last.best_of_n_kl ? within(last.best_of_n_kl) : '–'}</td></tr>
      <tr><th scope="row">Effective drafts under the tilt</th><td>${number(last.effective_sample_size, 3)}</td></tr>
    </tbody></table>`;
  }

  /** How much it is to keep is said before it starts. */
  #rejection(checked: Checked) {
    const { kept } = this;
    const rate = `one in ${number(checked.acceptance.draws, 3)}`;
    return html`<tr><th scope="row">drawn and rejected</th>${
      kept
        ? html`<td>${kept.reward ? within(kept.reward) : '–'}</td><td></td><td>${whole(kept.drafts)} kept: ${rate}</td>`
        : html`<td><button type="button" class="button" @click=${() => void this.#reject(checked)}>Reject</button></td><td></td><td>would keep ${rate}</td>`
    }</tr>`;
  }

  #three() {
    const { checked, exact } = this;
    return html`<section class="three" aria-labelledby="three-title">
      <h2 id="three-title">The same optimum, three ways</h2>
      <p>Of drafts of two tokens all ${whole(card.shape.vocab_size ** 2)} can be listed, and both policies are exact. The same is found from drafts alone: by weights e<sup>αr</sup>, and by rejection, which keeps a draft with probability e<sup>α(r − max)</sup>. The reward here is the share of the letter e, at half a nat.</p>
      ${
        checked && exact
          ? html`<div class="scrolls"><table><thead class="head"><tr><th scope="col">how</th><th scope="col">KL-RL earns</th><th scope="col">best-of-N earns</th><th scope="col">drafts</th></tr></thead><tbody>
        <tr><th scope="row">all listed, exact</th><td>${number(exact.kl_rl, 6)}</td><td>${number(exact.best_of_n, 6)}</td><td>${whole(checked.listed.drafts)}</td></tr>
        <tr><th scope="row">drawn and weighted</th><td>${checked.drawn.kl_rl ? within(checked.drawn.kl_rl) : '–'}</td><td>${checked.drawn.best_of_n ? within(checked.drawn.best_of_n) : '–'}</td><td>${whole(checked.drawn.drafts)}</td></tr>
        ${this.#rejection(checked)}
      </tbody></table></div>`
          : html`<p><button type="button" class="button" @click=${this.#check}>List and compare</button></p>`
      }
    </section>`;
  }

  #card() {
    const { held_out, bytes, shape, parameters, minutes } = card;
    const cost = held_out.nats_per_character;
    return html`<section class="card" aria-labelledby="card-title">
      <h2 id="card-title">The model</h2>
      ${
        this.files
          ? html`<p><b>${this.files.name}</b>, from your machine; it stays there. <button type="button" class="quiet" @click=${() => {
              this.files = null;
              this.#isTaken = false;
              void this.#draw();
            }}>Back to Moby-Dick</button></p>`
          : html`<p>A Llama-style decoder of ${whole(parameters)} weights (${shape.n_layers} layers of ${shape.dim}, ${shape.vocab_size} tokens) that has read <em>Moby-Dick</em> for ${whole(minutes)} minutes and nothing else; six bits a weight, ${megabytes(bytes.model + bytes.tokenizer)}. Its English is broken, but of the book. Chapters that it has not read cost it ${number(cost.model, 4)} nats a character (${number(cost.before_rounding, 4)} before rounding); the best Kneser-Ney model of characters needs ${number(Math.min(cost.kneser_ney_5, cost.kneser_ney_6, cost.kneser_ney_7), 4)}, of five ${number(cost.kneser_ney_5, 4)}. sha256 <code>${card.sha256.model.slice(0, 12)}</code>, seed ${card.seed}.</p>`
      }
      <p><label class="button">Open another checkpoint<input class="unseen" type="file" multiple @change=${(event: Event) => void this.#openModel(this.#filesOf(event))} /></label> <span class="muted">Or drop a checkpoint and its tokenizer here, as llama2.c writes them, 256 MB at most; nothing leaves this machine.</span></p>
    </section>`;
  }

  override render() {
    const { measured, shadows, failure, linked, shared } = this;
    const concluded = conclusions(measured, shadows);
    const tall = (width: number) => (width > 560 ? 360 : 300);
    return html`
      ${this.#controls()}
      ${failure ? html`<p class="notice failure" role="alert">${failure}</p>` : ''}
      ${linked?.said ? html`<p class="notice" role="status">${linked.said}</p>` : ''}
      ${shared ? html`<p class="notice" role="status">${shared}</p>` : ''}
      <section class="main-figure" aria-label="The gap against the length">
        <tilt-chart .chart=${gapChart(measured, shadows, gapSaid(measured, shadows))} .tall=${tall}></tilt-chart>
        <aside>
          <div class="sentence"><p role="status">${measured.length > 0 ? answer(measured, this.drawn) : this.wanted > 0 ? html`The transformer writes… ${this.opening ? html`<q>${this.setting.prompt}${this.opening}</q>` : ''}` : 'Press Draw, and the transformer writes.'}</p></div>
          ${this.#numbers()}
          ${this.starts && this.drawn > 0 && this.wanted === 0 ? html`<p><button type="button" class="button" @click=${this.#share}>Copy link</button>${this.law ? html` <a href=${this.law.link}>These drafts’ law in the story</a>` : ''}</p>` : ''}
        </aside>
      </section>
      ${this.#oneOfEach()}
      <section class="measured">
        <tilt-chart .chart=${klChart(measured, shadows, klSaid(measured, shadows))} .tall=${tall}></tilt-chart>
        <div class="told">${concluded.length > 0 ? html`<h2>What to take home</h2><ul>${concluded.map((words) => html`<li>${words}</li>`)}</ul>` : ''}</div>
      </section>
      ${this.files ? '' : this.#three()}
      ${this.#card()}`;
  }
}

/** A text up to the end of its n-th word, of words as the engine counts them. */
function firstWords(text: string, n: number): string {
  let count = 0;
  for (const { index, 0: word } of text.matchAll(/\p{L}+(?:['’]\p{L}+)*/gu)) {
    count += 1;
    if (count === n) return text.slice(0, index + word.length);
  }
  return text;
}

customElements.define('tilt-transformer', TransformerElement);
