import type { Word, WordTable } from '../models/core/form.js';
import { formOf } from '../models/core/transform.js';
import { refusalOf } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import { need } from './boundary.js';
import { asChecked, coreOptions, type Engine, makeEngine, type ViewOptions, vocabularyOf } from './facade.js';
import { mobyDickTable } from './moby-dick.js';
import { loadCore, loadFull } from './modules.js';
import { noEngine } from './no-engine.js';
import { once } from './once.js';
import { type Kept, kept, type Reply, type Request } from './protocol.js';
import type { View } from './types.js';

/** Tables of words, each read when it is first asked for. */
const tables: Record<WordTable, () => Promise<Word[]>> = {
  'moby-dick': once(async (): Promise<Word[]> => {
    const lines = (await mobyDickTable()).trimEnd().split('\n');
    return lines.map((line) => {
      const [text = '', count, valence = '0'] = line.split('\t');
      return { text, weight: Number(count), reward: Number(valence) };
    });
  }),
};

/** What a model's drafts are made of. @throws TiltLabError where it has none */
async function wordsOf(scenario: Scenario): Promise<Word[]> {
  const wordTable = formOf(scenario).wordTable?.(scenario.model);
  const words = vocabularyOf(scenario) ?? (wordTable ? await tables[wordTable]() : null);
  return need(words, scenario.model.kind, 'has no words');
}

const start = (load: Parameters<typeof makeEngine>[0]): Promise<Engine> =>
  makeEngine(load, asChecked).catch(() => {
    throw noEngine();
  });

/** Milliseconds that a view waits for the full module before the core alone makes what it can. */
const patience = 2000;
/** And between two tries to load it. */
const pause = 1000;

/** The engine of one page, with all of it where that is there. */
function enginesOf() {
  const core = once(() => start(loadCore));
  const full = once(() => start(loadFull).then((engine) => (there = engine)));
  let there: Engine | null = null;
  /** When the full module was first asked for, and when it last failed to come. */
  let since = 0;
  let failed = Number.NEGATIVE_INFINITY;
  return {
    core: async () => there ?? core(),
    full,
    /** null where it does not come soon: a slow or broken line keeps nobody waiting twice. */
    async soon(): Promise<Engine | null> {
      if (there) return there;
      const now = performance.now();
      since ||= now;
      if (now - failed < pause) return null;
      const coming = full().catch(() => {
        failed = performance.now();
        return null;
      });
      return Promise.race([coming, new Promise<null>((resolve) => setTimeout(resolve, since + patience - now, null))]);
    },
  };
}

/** What changed from one view to the next. */
function changeOf(view: View, before: View | undefined): Extract<Reply, { type: 'view' }> {
  const same = kept.filter((part) => before && view[part] === before[part]);
  const changed: Omit<View, Kept> & Partial<View> = { ...view };
  for (const part of same) delete changed[part];
  return { type: 'view', view: changed, same };
}

type Answers = { [T in Request['type']]: (request: Extract<Request, { type: T }>) => unknown };

/** Answers one page's requests, wherever it runs: in a worker, in one that frames share, or beside the page. */
export function serve(reply: (message: Reply) => void): (request: Request) => Promise<void> {
  const { core, full, soon } = enginesOf();
  const fail = (error: unknown) => reply({ type: 'error', ...refusalOf(error) });
  /** The last view of each of the page's lanes. */
  const sent = new Map<number, View>();
  let drawn: Scenario | undefined;
  const answers: Answers = {
    start: () => core().then(({ version }) => reply({ type: 'ready', version }), fail),
    async view({ lane, scenario, options }) {
      try {
        const least = coreOptions(scenario, options);
        const able = least === options ? await core() : least ? await soon() : await full();
        const engine = able ?? (await core());
        reply({ type: 'begun' });
        const view = engine.view(scenario, able ? options : (least as ViewOptions));
        if (!able) view.late = true;
        const change = changeOf(view, sent.get(lane));
        sent.set(lane, view);
        reply(change);
      } catch (error) {
        fail(error);
      }
    },
    leave: ({ lane }) => sent.delete(lane),
    async drafts({ scenario, replicate }) {
      try {
        const vocabulary = await wordsOf(scenario);
        reply({ type: 'drafts', drafts: (await full()).drafts(scenario, vocabulary, replicate) });
      } catch {
        reply({ type: 'drafts', drafts: null });
      }
    },
    hold({ lock }) {
      void navigator.locks.request(lock, () => {
        reply({ type: 'held' });
        return new Promise(() => {});
      });
    },
    async block({ scenario, block }) {
      try {
        drawn = scenario ?? drawn;
        const of = drawn as Scenario;
        const sums = (await full()).simulateBlock(of, block);
        reply({ type: 'block', block, sums });
      } catch (error) {
        reply({ type: 'block-error', ...refusalOf(error) });
      }
    },
    async summarise({ scenario, blocks }) {
      reply({ type: 'simulated', simulated: (await full()).summarise(scenario, blocks) });
    },
  };
  return async (request) => {
    await (answers[request.type] as (request: Request) => unknown)(request);
  };
}
