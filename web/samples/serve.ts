import { asTiltLabError } from '../scenario/error.js';
import { adviceOf } from './advice.js';
import { type Refusal, release } from './collect.js';
import type { SampleEngine, SampleSettings } from './engine.js';
import { type Imported, importDrafts, recognise } from './import.js';
import type { Layout } from './layout.js';
import type { Answer, Held, HeldDraft, NamedGains, Reply, Request, Verdict } from './protocol.js';
import { readShipped, shippedCalled, shippedColumns, shippedName } from './shipped.js';
import { readTableText, tableDigest, tableText } from './table-text.js';

/** What a worker has to work with. */
export interface Means {
  engine: () => Promise<SampleEngine>;
  shipped: () => string;
  post: (reply: Reply) => void;
}

const shippedLayout: Layout = {
  rows: 'draft',
  columns: { prompt: 'prompt', logprob: null, answer: null, text: null, run: null, count: null, ...shippedColumns },
  scores: 'last',
  run: null,
};

/** Holds one table, and answers what is asked of it. */
export class Server {
  readonly #means: Means;
  readonly #reading = new Map<number, AbortController>();
  /** What the engine does not hold: names, and the drafts themselves. */
  #prompts: string[] = [];
  #texts: string[] | null = null;
  #layout: Layout = shippedLayout;
  #refused: Refusal[] = [];
  #called: Held['called'] = shippedCalled;

  constructor(means: Means) {
    this.#means = means;
  }

  async handle(request: Request): Promise<void> {
    const { id } = request;
    if (request.type === 'cancel') {
      this.#reading.get(request.of)?.abort();
      return;
    }
    try {
      this.#means.post({ id, answer: await this.#answer(request) });
    } catch (error) {
      const { name, message } = error as Error;
      // What was refused says what to change; anything else is a fault of ours.
      const isRefusal = name === 'ReadError' || name === 'TiltLabError' || name === 'AbortError';
      this.#means.post({ id, failed: isRefusal ? message : asTiltLabError(error).message, isRefusal });
    } finally {
      this.#reading.delete(id);
    }
  }

  async #answer(request: Exclude<Request, { type: 'cancel' }>): Promise<Answer> {
    switch (request.type) {
      case 'shipped':
        return this.#take(
          shippedName,
          { table: readShipped(this.#means.shipped()), rows: 15100, refused: [], runs: [''] },
          shippedLayout,
          shippedCalled,
          request.settings,
        );
      case 'recognise':
        return { type: 'recognised', recognised: await recognise(named(request.files)) };
      case 'read': {
        const stop = new AbortController();
        this.#reading.set(request.id, stop);
        const imported = await importDrafts(named(request.files), request.layout, {
          signal: stop.signal,
          onProgress: (progress) => this.#means.post({ id: request.id, progress }),
        });
        const { reward, gold } = request.layout.columns;
        const called = { reward: reward ?? '', gold };
        return this.#take(nameOf(request.files), imported, request.layout, called, request.settings);
      }
      case 'judge':
        return { type: 'judged', verdict: await this.#judge(request.settings) };
      case 'gains':
        return { type: 'gains', prompts: await this.#gains(request.n) };
      case 'differences':
        return { type: 'differences', rows: (await this.#means.engine()).differences(request.asked) };
      case 'curves': {
        const engine = await this.#means.engine();
        return { type: 'curves', curves: request.prompts.map((prompt) => engine.promptCurves(prompt)) };
      }
      case 'table': {
        const text = tableText(await this.#means.engine(), this.#prompts);
        return { type: 'table', text, digest: tableDigest(text) };
      }
      case 'linked': {
        const { name, reward, gold } = request.link;
        const table = readTableText(request.text);
        const columns = { ...shippedLayout.columns, reward, gold, length: table.length.length > 0 ? 'length' : null };
        const imported = { table, rows: table.reward.length, refused: [], runs: [''] };
        return this.#take(name, imported, { ...shippedLayout, columns }, { reward, gold }, request.settings);
      }
      case 'drafts':
        return { type: 'drafts', drafts: await this.#drafts(request.prompt) };
      default:
        return request satisfies never;
    }
  }

  async #take(
    name: string,
    imported: Imported,
    layout: Layout,
    called: Held['called'],
    settings: SampleSettings,
  ): Promise<Answer> {
    const { table, rows, refused, runs } = imported;
    const engine = await this.#means.engine();
    engine.read(table);
    release(table);
    this.#prompts = table.prompts;
    this.#texts = table.texts;
    this.#layout = layout;
    this.#refused = refused;
    this.#called = called;
    const held: Held = { name, rows, refused, runs, layout, called, hasTexts: table.texts !== null };
    return { type: 'read', held, verdict: await this.#judge(settings) };
  }

  async #judge(settings: SampleSettings): Promise<Verdict> {
    const engine = await this.#means.engine();
    const judged = engine.judge(settings);
    const { columns } = this.#layout;
    const advice = adviceOf(judged, {
      ...this.#called,
      hasLogprob: columns.logprob !== null,
      refused: this.#refused.reduce((sum, { count }) => sum + count, 0),
    });
    return { judged, advice, engine: engine.version };
  }

  async #gains(n: number): Promise<NamedGains> {
    const engine = await this.#means.engine();
    return { names: this.#prompts, ...engine.promptGains(n) };
  }

  async #drafts(prompt: number): Promise<HeldDraft[]> {
    const engine = await this.#means.engine();
    const { reward, gold, length, row } = engine.promptDrafts(prompt);
    const at = (column: Float64Array, i: number) => (column.length > 0 ? (column[i] ?? null) : null);
    return Array.from(reward, (each, i) => ({
      reward: each,
      gold: at(gold, i),
      length: at(length, i),
      text: this.#texts?.[row[i] ?? 0] ?? null,
    }));
  }
}

const named = (files: readonly File[]) => files.map((blob) => ({ name: blob.name, blob }));
const nameOf = (files: readonly File[]) =>
  files.length === 1 ? (files[0]?.name ?? '') : `${files.length} files, ${files[0]?.name} first`;
