import createCore from '../../build/wasm/tiltlab_core.mjs';
import { refusalOf, TiltLabError } from './error.js';
import { type Engine, isCoreView, makeEngine, vocabularyOf, type Word } from './facade.js';
import { type Kept, kept, type Reply, type Request } from './protocol.js';
import type { View } from './types.js';

const reply = (message: Reply) => self.postMessage(message);

const fail = (error: unknown) => reply({ type: 'error', ...refusalOf(error) });

let core: Promise<Engine> | null = null;
let full: Promise<Engine> | null = null;
/** The engine, with all of it where it is needed or there already. */
const engine = (needed: 'core' | 'full'): Promise<Engine> => {
  if (full || needed === 'full') {
    full ??= import('../../build/wasm/tiltlab_full.mjs').then((module) => makeEngine(module.default));
    return full;
  }
  core ??= makeEngine(createCore);
  return core;
};

/** The words of Moby-Dick, fetched when they are first drawn. */
let words: Promise<Word[]> | null = null;
const mobyDick = () => {
  words ??= fetch(new URL('../data/moby-dick.tsv', import.meta.url))
    .then((response) => response.text())
    .then((table) =>
      table
        .trimEnd()
        .split('\n')
        .map((line) => {
          const [text = '', count, valence = '0'] = line.split('\t');
          return { text, weight: Number(count), reward: Number(valence) };
        }),
    );
  return words;
};

let sent: View | null = null;

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  if (data.type === 'start') {
    engine('core').then(({ version }) => reply({ type: 'ready', version }), fail);
    return;
  }
  if (data.type === 'drafts') {
    try {
      const { model } = data.scenario;
      if (model.kind === 'continuous') throw new TiltLabError('input', 'a density has no words', 'model.kind');
      const vocabulary = model.kind === 'text' ? await mobyDick() : vocabularyOf(model);
      reply({ type: 'drafts', drafts: (await engine('full')).drafts(data.scenario, vocabulary, data.replicate) });
    } catch {
      reply({ type: 'drafts', drafts: null });
    }
    return;
  }
  if (data.type === 'hold') {
    void navigator.locks.request(data.lock, () => {
      reply({ type: 'held' });
      return new Promise(() => {});
    });
    return;
  }
  if (data.type === 'block') {
    try {
      reply({
        type: 'block',
        block: data.block,
        sums: (await engine('full')).simulateBlock(data.scenario, data.block),
      });
    } catch (error) {
      reply({ type: 'block-error', ...refusalOf(error) });
    }
    return;
  }
  if (data.type === 'summarise') {
    reply({ type: 'simulated', simulated: (await engine('full')).summarise(data.scenario, data.blocks) });
    return;
  }
  try {
    const e = await engine(isCoreView(data.scenario, data.options) ? 'core' : 'full');
    const view = e.view(data.scenario, data.options);
    const same = kept.filter((part) => sent !== null && view[part] === sent[part]);
    sent = view;
    const changed: Omit<View, Kept> & Partial<View> = { ...view };
    for (const part of same) delete changed[part];
    reply({ type: 'view', view: changed, same });
  } catch (error) {
    fail(error);
  }
};
