import { adviceOf } from './advice.js';
import type { DraftTable, Refusal } from './collect.js';
import type { SampleEngine, SampleSettings } from './engine.js';
import { type Imported, importDrafts, recognise } from './import.js';
import type { Layout } from './layout.js';
import type { Answer, Held, HeldDraft, Reply, Request, Verdict } from './protocol.js';
import { readShipped, shippedCalled, shippedColumns, shippedName } from './shipped.js';

/** What a worker has to work with. */
export interface Means {
  engine: () => Promise<SampleEngine>;
  shipped: () => string;
  post: (reply: Reply) => void;
}

const shippedLayout: Layout = {
  rows: 'draft',
  columns: { prompt: 'prompt', logprob: null, answer: null, text: null, run: null, ...shippedColumns },
  scores: 'last',
  run: null,
};

/** Holds one table, and answers what is asked of it. */
export class Server {
  readonly #means: Means;
  readonly #reading = new Map<number, AbortController>();
  #table: DraftTable | null = null;
  #layout: Layout = shippedLayout;
  #refused: Refusal[] = [];
  #called: Held['called'] = shippedCalled;
  /** The drafts of each prompt, as places in the table; made when first asked for. */
  #places: number[][] | null = null;

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
      this.#means.post({ id, failed: message, isRefusal });
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
        return { type: 'gains', prompts: await this.#prompts(request.n) };
      case 'curves': {
        const engine = await this.#means.engine();
        return { type: 'curves', curves: request.prompts.map((prompt) => engine.promptCurves(prompt)) };
      }
      case 'drafts':
        return { type: 'drafts', drafts: this.#drafts(request.prompt) };
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
    this.#table = table;
    this.#layout = layout;
    this.#refused = refused;
    this.#called = called;
    this.#places = null;
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
      hasLength: columns.length !== null,
      refused: this.#refused.reduce((sum, { count }) => sum + count, 0),
    });
    return { judged, advice, engine: engine.version };
  }

  async #prompts(n: number) {
    const engine = await this.#means.engine();
    const names = this.#table?.prompts ?? [];
    const drafts = new Uint32Array(names.length);
    for (const prompt of this.#table?.prompt ?? []) drafts[prompt] = (drafts[prompt] ?? 0) + 1;
    return { names, gains: engine.promptGains(n), drafts };
  }

  #drafts(prompt: number): HeldDraft[] {
    const table = this.#table;
    if (!table) return [];
    if (!this.#places) {
      const places: number[][] = table.prompts.map(() => []);
      table.prompt.forEach((each, i) => void places[each]?.push(i));
      this.#places = places;
    }
    const at = (column: Float64Array, i: number) => (column.length > 0 ? (column[i] ?? null) : null);
    return (this.#places[prompt] ?? [])
      .map((i) => ({
        reward: table.reward[i] ?? 0,
        gold: at(table.gold, i),
        length: at(table.length, i),
        text: table.texts?.[i] ?? null,
      }))
      .sort((a, b) => a.reward - b.reward);
  }
}

const named = (files: readonly File[]) => files.map((blob) => ({ name: blob.name, blob }));
const nameOf = (files: readonly File[]) =>
  files.length === 1 ? (files[0]?.name ?? '') : `${files.length} files, ${files[0]?.name} first`;
