import type { LanguageEngine } from '../language/engine.js';
import {
  decodeLanguageLink,
  encodeLanguageLink,
  type LanguageLink,
  limits,
  mostLink,
  tokensOf,
} from '../language/language-link.js';
import type { LanguageScenario } from '../language/scenario.js';
import { refuse } from '../samples/scenario.js';
import { TiltLabError } from '../scenario/error.js';

/** Whether a link is one of the page of a language model. */
export const isLanguageLink = (link: string) => /^[^#]*transformer\.html#|[#&]kl_per_word=/.test(link);

/** What a link says. @throws TiltLabError its first fault */
export function readLanguageLink(link: string): LanguageLink {
  const { link: read, problems } = decodeLanguageLink(link.slice(link.indexOf('#')));
  const [fault] = problems;
  if (fault || !read) throw new TiltLabError('input', `link: ${fault ?? 'says nothing'}`.replace(/\.$/, ''), 'link');
  return read;
}

/** A link's drafts as a scenario: the same tokens, rewarded by the same words. @param positions of the model */
export function scenarioOfLink(link: LanguageLink, positions: number): LanguageScenario {
  const { prompt, words, klPerWord, reward, seed, drafts } = link;
  return {
    v: 1,
    model: {
      kind: 'language_model',
      ...(prompt === '' ? {} : { prompt }),
      length: tokensOf(words, positions, prompt),
      words,
      reward,
    },
    budget: { kl: klPerWord * words },
    simulation: { seed, replicates: drafts },
  };
}

/** Nats a word in the decimals that were meant. */
function share(kl: number, words: number): number {
  const short = Number((kl / words).toPrecision(12));
  return short * words === kl ? short : kl / words;
}

/** What a link of a scenario says before anything is drawn. @throws TiltLabError naming what no link carries */
export function linkOfScenario({ model, budget, simulation }: LanguageScenario, positions: number) {
  const { prompt = '', length, words, reward } = model;
  for (const field of ['checkpoint', 'gold'] as const)
    if (model[field] !== undefined) refuse(`model.${field}`, field, 'is carried by no link');
  if (words === undefined) refuse('model.words', words, 'is not there, and a link counts words');
  if (prompt.length > limits.promptLength)
    refuse('model.prompt', prompt.length, `characters are more than a link's ${limits.promptLength}`);
  const tokens = tokensOf(words, positions, prompt);
  if (length !== tokens)
    refuse('model.length', length, `is not the ${tokens} tokens that a link has for ${words} words`);
  if (!budget || !('kl' in budget)) refuse('budget.kl', undefined, 'is not there, and a link has no other budget');
  const { seed = 1, replicates = 1000 } = simulation ?? {};
  const klPerWord = share(budget.kl, words);
  for (const [field, value, { least, most }] of [
    ['model.words', words, limits.words],
    ['budget.kl', budget.kl, { least: limits.klPerWord.least * words, most: limits.klPerWord.most * words }],
    ['simulation.replicates', replicates, limits.drafts],
  ] as const)
    if (!(value >= least && value <= most)) refuse(field, value, `is not in a link's ${least} .. ${most}`);
  return { reward, words, klPerWord, drafts: replicates, seed, prompt };
}

/** With what came of it. @throws TiltLabError where it is too long */
export function writtenLink(
  setting: ReturnType<typeof linkOfScenario>,
  found: { model: string; digest: string },
  engine: LanguageEngine,
) {
  const hash = encodeLanguageLink({ ...setting, ...found, engine: engine.version });
  if (hash.length > mostLink) refuse('link', hash.length, `characters are more than ${mostLink}`);
  return `transformer.html${hash}`;
}
