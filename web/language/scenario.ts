import type { SampleBudgetChoice } from '../samples/engine.js';
import { checkFrame, onlyKnown, refuse, type SampleRow } from '../samples/scenario.js';
import { TiltLabError } from '../scenario/error.js';
import type { LanguageEngine } from './engine.js';
import { DraftsDigest } from './language-link.js';
import { type RewardKind, rewardKinds, type TextReward } from './reward.js';
import type { GeneratedDraft } from './types.js';

/** A scenario whose model is a language model: its drafts are judged as a file of them would be. */
export interface LanguageScenario {
  v?: 1;
  title?: string;
  model: {
    kind: 'language_model';
    /** Files, as llama2.c writes them; left out: the model that ships. */
    checkpoint?: string;
    tokenizer?: string;
    prompt?: string;
    /** Most tokens of a draft. */
    length: number;
    /** How many of its first words are rewarded; all where it is left out. */
    words?: number;
    reward: TextReward;
    /** What is really wanted, of which the reward is a proxy. */
    gold?: TextReward;
  };
  budget?: SampleBudgetChoice;
  simulation?: { seed?: number; replicates?: number };
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/** Whether a scenario is one of a language model, whatever else is wrong with it. */
export const isLanguageScenario = (data: unknown): boolean =>
  isObject(data) && isObject(data.model) && data.model.kind === 'language_model';

const fieldsOf: Partial<Record<RewardKind, string>> = { word: 'word', letter: 'letter', words: 'words' };

/** @param at its field */
function checkReward(reward: unknown, at: string) {
  if (!isObject(reward)) refuse(at, reward, 'is no object');
  if (!rewardKinds.includes(reward.kind as RewardKind))
    refuse(`${at}.kind`, reward.kind, `is none of ${rewardKinds.join(', ')}`);
  const field = fieldsOf[reward.kind as RewardKind];
  onlyKnown(reward, `${at}.`, ['kind', ...(field ? [field] : [])]);
  if (!field) return;
  const value = reward[field];
  if (field !== 'words') {
    if (typeof value !== 'string') refuse(`${at}.${field}`, value, 'is no text');
    return;
  }
  if (!Array.isArray(value)) refuse(`${at}.words`, value, 'is no list');
  value.forEach((each, i) => {
    const path = `${at}.words[${i}]`;
    if (!isObject(each)) refuse(path, each, 'is no object');
    onlyKnown(each, `${path}.`, ['word', 'weight']);
    if (typeof each.word !== 'string') refuse(`${path}.word`, each.word, 'is no text');
    if (typeof each.weight !== 'number') refuse(`${path}.weight`, each.weight, 'is no number');
  });
}

/** @throws TiltLabError whose message is one line: field, value, rule */
export function parseLanguageScenario(data: unknown): LanguageScenario {
  const scenario = data as Record<string, unknown> & { model: Record<string, unknown> };
  checkFrame(scenario, ['replicates']);
  const { model } = scenario;
  onlyKnown(model, 'model.', ['kind', 'checkpoint', 'tokenizer', 'prompt', 'length', 'words', 'reward', 'gold']);
  for (const name of ['checkpoint', 'tokenizer', 'prompt'])
    if (model[name] !== undefined && typeof model[name] !== 'string')
      refuse(`model.${name}`, model[name], 'is no text');
  if ((model.checkpoint === undefined) !== (model.tokenizer === undefined))
    refuse(
      model.checkpoint === undefined ? 'model.checkpoint' : 'model.tokenizer',
      undefined,
      'is not there, where the other file is',
    );
  if (!(Number.isSafeInteger(model.length) && (model.length as number) >= 1))
    refuse('model.length', model.length, 'is not an integer of at least 1');
  const { words } = model;
  if (words !== undefined && !(Number.isSafeInteger(words) && (words as number) >= 1 && (words as number) <= 10000))
    refuse('model.words', words, 'is not an integer in 1 .. 10000');
  checkReward(model.reward, 'model.reward');
  if (model.gold !== undefined) checkReward(model.gold, 'model.gold');
  const { replicates } = (scenario.simulation ?? {}) as { replicates?: unknown };
  const fits = Number.isSafeInteger(replicates) && (replicates as number) >= 1 && (replicates as number) <= 100000;
  if (replicates !== undefined && !fits)
    refuse('simulation.replicates', replicates, 'is not an integer in 1 .. 100000');
  return data as LanguageScenario;
}

/** What texts are worth by a gold, whose fields are its own. @throws TiltLabError naming gold.<field> */
export function goldsOf(engine: LanguageEngine, gold: TextReward, texts: readonly string[], words?: number) {
  try {
    return rewardsOf(engine, gold, texts, words);
  } catch (error) {
    if (!(error instanceof TiltLabError)) throw error;
    const own = (text: string) => text.replace(/^reward/, 'gold');
    throw new TiltLabError(error.kind, own(error.message), own(error.path));
  }
}

/** What texts, or so many of their first words, are worth. @throws TiltLabError */
export function rewardsOf(engine: LanguageEngine, reward: TextReward, texts: readonly string[], words?: number) {
  if (words === undefined) return engine.rewards(reward, texts);
  const rows = engine.beginnings(reward, texts, words);
  return Float64Array.from(texts, (_, i) => rows[(i + 1) * words - 1] as number);
}

/** Drafts as they come, in their order: their rows, and the digest of their tokens and log p. */
export class DrawnRows {
  readonly rows: SampleRow[] = [];
  readonly #digest = new DraftsDigest();
  readonly #prompt: string;

  constructor(prompt: string) {
    this.#prompt = prompt;
  }

  add(
    drafts: readonly Pick<GeneratedDraft, 'tokens' | 'text' | 'logprob'>[],
    rewards: ArrayLike<number>,
    golds: ArrayLike<number> | null,
  ) {
    this.#digest.addDrafts(drafts);
    drafts.forEach(({ text, logprob }, i) => {
      // A draft that the model is sure of may be a rounding above.
      this.rows.push({
        ...(this.#prompt === '' ? {} : { prompt: this.#prompt }),
        reward: rewards[i] as number,
        ...(golds ? { gold: golds[i] as number } : {}),
        logprob: Math.min(logprob, 0),
        text,
      });
    });
  }

  get digest(): string {
    return this.#digest.value;
  }
}

const together = 512;

/** Draws what a scenario says, from a model and a lexicon that were read. @param show told how many there are, as they come */
export function drawScenario(
  engine: LanguageEngine,
  { model, simulation }: LanguageScenario,
  show: (count: number) => void = () => {},
): DrawnRows {
  const { prompt = '', length, words, reward, gold } = model;
  const { seed = 1, replicates = 1000 } = simulation ?? {};
  // Before anything is drawn.
  engine.rewards(reward, []);
  if (gold) goldsOf(engine, gold, []);
  const drawn = new DrawnRows(prompt);
  for (let first = 0; first < replicates; first += together) {
    const drafts = engine.generate({ prompt, length, seed, first, n: Math.min(together, replicates - first) });
    const texts = drafts.map(({ text }) => text);
    drawn.add(drafts, rewardsOf(engine, reward, texts, words), gold ? goldsOf(engine, gold, texts, words) : null);
    show(drawn.rows.length);
  }
  return drawn;
}
