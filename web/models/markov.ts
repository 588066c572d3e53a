import { defaults } from '../scenario/defaults.js';
import { stated } from '../scenario/number.js';
import type { MarkovModel } from '../scenario/scenario.js';
import type { KindWords, LinkFields, ModelKind, Pack, Pair } from './kind.js';
import { inModel, list, longestRows, readFlag, writeFlag } from './table.js';

/** Rows one after another, `;` between them; a single row has none. */
const matrix = (rows: MarkovModel['reward']): string =>
  rows.map((row) => (Array.isArray(row) ? list(row) : stated(row))).join(rows.some(Array.isArray) ? ';' : ',');

/** Longer tables are packed. */
const fewStates = Math.floor(Math.sqrt(longestRows / 4));

function write({ kind, length, initial, transition, reward, normalise }: MarkovModel, pack: Pack): Pair[] {
  const table: Pair[] =
    initial.length <= fewStates
      ? [
          ['initial', list(initial)],
          ['transition', matrix(transition)],
          ['r', matrix(reward)],
        ]
      : [['data', pack(JSON.stringify({ initial, transition, r: reward }))]];
  return [['model', kind], ['length', stated(length)], ...table, ...writeFlag('normalise', normalise)];
}

function read(link: LinkFields): unknown {
  const packed = link.data((value) => {
    const { initial, transition, r } = value as Record<string, unknown>;
    return { initial, transition, reward: r };
  });
  const rewards = link.matrix('r');
  const table = packed ?? {
    initial: link.numbers('initial'),
    transition: link.matrix('transition'),
    // One row of them is one a state, but for a chain of one.
    reward: rewards?.length === 1 ? rewards[0] : rewards,
  };
  const given = (entry: [string, unknown]) => entry[1] !== undefined;
  return {
    kind: 'markov',
    length: link.length,
    ...Object.fromEntries(Object.entries(table).filter(given)),
    ...readFlag(link, 'normalise'),
  };
}

export const markov: ModelKind<MarkovModel> = {
  unit: 'token',
  isDrawn: () => true,
  hasDrafts: () => true,
  length: ({ length }) => length,
  withLength: (model, length) => ({ ...model, length }),
  states: ({ initial }) => initial.map((_, i) => String(i + 1)),
  link: { keys: ['length', 'initial', 'transition', 'r', 'data', 'normalise'], write, read, budget: defaults.budget },
};

export const markovWords: KindWords<MarkovModel> = {
  subject: ({ initial }, title) => inModel(`a chain of ${initial.length} states`, title),
  origin: () =>
    'The base model here is a Markov chain: where it goes next depends on where it is, and each step has its reward.',
  draw: 'a path through a chain',
};
