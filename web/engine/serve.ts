import type { Word, WordTable } from '../models/core/form.js';
import { coreFormOf } from '../models/core/registry.js';
import { refusalOf } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import { need } from './boundary.js';
import { asChecked, type Engine, isCoreView, makeEngine, vocabularyOf } from './facade.js';
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
async function wordsOf(model: Scenario['model']): Promise<Word[]> {
  const { wordTable } = coreFormOf(model);
  const words = vocabularyOf(model) ?? (wordTable ? await tables[wordTable]() : null);
  return need(words, model.kind, 'has no words');
}

const start = (load: Parameters<typeof makeEngine>[0]): Promise<Engine> =>
  makeEngine(load, asChecked).catch(() => {
    throw noEngine();
  });

/** Answers one page's requests, wherever it runs: in a worker, in one that frames share, or beside the page. */
export function serve(reply: (message: Reply) => void): (request: Request) => Promise<void> {
  let core: Promise<Engine> | null = null;
  let full: Promise<Engine> | null = null;
  /** The engine, with all of it where it is needed or there already. */
  const engine = (needed: 'core' | 'full'): Promise<Engine> => {
    if (full || needed === 'full') {
      full ??= start(loadFull);
      return full;
    }
    core ??= start(loadCore);
    return core;
  };
  const fail = (error: unknown) => reply({ type: 'error', ...refusalOf(error) });
  let sent: View | null = null;
  let drawn: Scenario | undefined;

  return async (request) => {
    switch (request.type) {
      case 'start':
        await engine('core').then(({ version }) => reply({ type: 'ready', version }), fail);
        return;
      case 'drafts':
        try {
          const vocabulary = await wordsOf(request.scenario.model);
          const drafts = (await engine('full')).drafts(request.scenario, vocabulary, request.replicate);
          reply({ type: 'drafts', drafts });
        } catch {
          reply({ type: 'drafts', drafts: null });
        }
        return;
      case 'hold':
        void navigator.locks.request(request.lock, () => {
          reply({ type: 'held' });
          return new Promise(() => {});
        });
        return;
      case 'block':
        try {
          drawn = request.scenario ?? drawn;
          const scenario = drawn as Scenario;
          const sums = (await engine('full')).simulateBlock(scenario, request.block);
          reply({ type: 'block', block: request.block, sums });
        } catch (error) {
          reply({ type: 'block-error', ...refusalOf(error) });
        }
        return;
      case 'summarise':
        reply({ type: 'simulated', simulated: (await engine('full')).summarise(request.scenario, request.blocks) });
        return;
      case 'view':
        try {
          const { scenario, options } = request;
          const able = await engine(isCoreView(scenario, options) ? 'core' : 'full');
          reply({ type: 'begun' });
          const view = able.view(scenario, options);
          const same = kept.filter((part) => sent !== null && view[part] === sent[part]);
          sent = view;
          const changed: Omit<View, Kept> & Partial<View> = { ...view };
          for (const part of same) delete changed[part];
          reply({ type: 'view', view: changed, same });
        } catch (error) {
          fail(error);
        }
        return;
      default:
        request satisfies never;
    }
  };
}
