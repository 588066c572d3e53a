import { families, parameterNames } from '../scenario/families.js';
import { stated } from '../scenario/number.js';
import type { ContinuousModel } from '../scenario/scenario.js';
import { adjectiveOf } from './family-names.js';
import type { KindWords, LinkFields, ModelKind, Pack, Pair } from './kind.js';
import { inModel, list, longestRows, readFlag, writeFlag } from './table.js';

/** The parameters of the model's family by name. */
const valuesOf = (model: ContinuousModel) => model as unknown as Record<string, number>;

function quantilePairs(u: readonly number[], reward: readonly number[], pack: Pack): Pair[] {
  const [levels, rewards] = [list(u), list(reward)];
  return levels.length + rewards.length <= longestRows
    ? [
        ['u', levels],
        ['r', rewards],
      ]
    : [['data', pack(JSON.stringify({ u, r: reward }))]];
}

function write(model: ContinuousModel, pack: Pack): Pair[] {
  const values = valuesOf(model);
  return [
    ['model', model.kind],
    ['family', model.family],
    ...families[model.family].map((name): Pair => [name, stated(values[name] as number)]),
    ...(model.family === 'quantiles' ? quantilePairs(model.u, model.reward, pack) : []),
    ...writeFlag('mirrored', model.mirrored),
  ];
}

function read(link: LinkFields): unknown {
  const family = link.raw('family');
  const names: readonly string[] =
    family !== undefined && Object.hasOwn(families, family) ? families[family as keyof typeof families] : [];
  const table =
    family === 'quantiles'
      ? (link.data((value) => {
          const { u, r } = value as { u: unknown; r: unknown };
          return { u, reward: r };
        }) ?? { u: link.numbers('u'), reward: link.numbers('r') })
      : {};
  const given = (entry: [string, unknown]) => entry[1] !== undefined;
  return {
    kind: 'continuous',
    ...(family === undefined ? {} : { family }),
    ...Object.fromEntries(names.map((name): [string, unknown] => [name, link.number(name)]).filter(given)),
    ...Object.fromEntries(Object.entries(table).filter(given)),
    ...readFlag(link, 'mirrored'),
  };
}

export const continuous: ModelKind<ContinuousModel> = {
  unit: null,
  length: () => 1,
  hasDensity: true,
  link: { keys: ['family', ...parameterNames, 'u', 'r', 'data', 'mirrored'], write, read, budget: { kl: 1 } },
};

export const continuousWords: KindWords<ContinuousModel> = {
  subject: (model, title) => inModel(`a single draw of ${adjectiveOf(model)} reward`, title),
  origin: () => 'The base model here is known by the law of its reward alone.',
  draw: 'a reward with a density',
};
