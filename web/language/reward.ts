import type { CoreReward } from '../engine/module.js';
import { TiltLabError } from '../scenario/error.js';

/** What a text is rewarded for. */
export type TextReward =
  /** The sum of its words' VADER valences: linear, as in the paper. */
  | { kind: 'vader_sum' }
  /** VADER of the whole with its rules, in [-1, 1]. */
  | { kind: 'vader' }
  /** 1 where the word stands in it, else 0. */
  | { kind: 'word'; word: string }
  /** The sum of the words' weights, each time one stands there. */
  | { kind: 'words'; words: readonly { word: string; weight: number }[] }
  /** Its characters. */
  | { kind: 'length' }
  /** The letter's share of its letters. */
  | { kind: 'letter'; letter: string }
  /** The share of its words that stood there before. */
  | { kind: 'repetition' };

export type RewardKind = TextReward['kind'];

export const rewardKinds: readonly RewardKind[] = [
  'vader_sum',
  'vader',
  'word',
  'words',
  'length',
  'letter',
  'repetition',
];

/** Whether it asks for the lexicon. */
export const needsLexicon = ({ kind }: TextReward) => kind === 'vader' || kind === 'vader_sum';

/** As the core takes it, which checks it. */
export const coreReward = (reward: TextReward): CoreReward => ({
  kind: reward.kind,
  word: reward.kind === 'word' ? reward.word : '',
  letter: reward.kind === 'letter' ? reward.letter : '',
  words: reward.kind === 'words' ? reward.words : [],
});

/** As a command and a link write it: vader, word:whale, letter:e, words:good=1,bad=-1.5. */
export function rewardText(reward: TextReward): string {
  switch (reward.kind) {
    case 'word':
      return `word:${reward.word}`;
    case 'letter':
      return `letter:${reward.letter}`;
    case 'words':
      return `words:${reward.words.map(({ word, weight }) => `${word}=${weight}`).join(',')}`;
    default:
      return reward.kind;
  }
}

/** Of such a text. @param field whose error it is @throws TiltLabError */
export function rewardOf(text: string, field = 'reward'): TextReward {
  const [kind = '', ...more] = text.split(':');
  const rest = more.join(':');
  const refuse = (rule: string): never => {
    throw new TiltLabError('input', `${field}: ${JSON.stringify(text)} ${rule}`, field);
  };
  if (!rewardKinds.includes(kind as RewardKind)) return refuse(`begins with none of ${rewardKinds.join(', ')}`);
  const takesMore = kind === 'word' || kind === 'letter' || kind === 'words';
  if (takesMore && rest === '') return refuse(`lacks what follows it, as in ${examples[kind]}`);
  if (!takesMore && more.length > 0) return refuse(`has more than ${kind}, which takes nothing`);
  if (kind === 'word') return { kind, word: rest };
  if (kind === 'letter') return { kind, letter: rest };
  if (kind !== 'words') return { kind: kind as 'vader' | 'vader_sum' | 'length' | 'repetition' };
  const words = rest.split(',').map((pair) => {
    const [word = '', weight = '1', ...more] = pair.split('=');
    const number = weight.trim() === '' || more.length > 0 ? Number.NaN : Number(weight);
    if (!Number.isFinite(number)) refuse(`gives ${JSON.stringify(word)} a weight that is no number`);
    return { word: word.trim(), weight: number };
  });
  return { kind, words };
}

const examples = { word: 'word:whale', letter: 'letter:e', words: 'words:good=1,bad=-1.5' } as const;
