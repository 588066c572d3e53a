import { fnv1a } from '../link/fnv.js';
import { rewardOf, rewardText, type TextReward } from './reward.js';
import type { GeneratedDraft } from './types.js';

/** What the page of a language model draws. */
export interface Setting {
  reward: TextReward;
  /** Longest draft, in words. */
  words: number;
  /** Nats a word. */
  klPerWord: number;
  drafts: number;
  /** An integer in [0, 2^53). */
  seed: number;
  prompt: string;
}

export const shippedSetting: Setting = {
  reward: { kind: 'vader_sum' },
  words: 40,
  klPerWord: 0.05,
  drafts: 2000,
  seed: 1,
  prompt: '',
};

export const limits = {
  words: { least: 1, most: 64 },
  klPerWord: { least: 0.001, most: 5 },
  drafts: { least: 100, most: 10000 },
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER },
  promptLength: 500,
} as const;

/** Tokens that nearly every draft needs for so many words, as far as a model's positions go. */
export function tokensOf(words: number, positions: number, prompt: string): number {
  // A token a byte at most, and one that begins.
  const before = Math.min(new TextEncoder().encode(prompt).length + 2, positions - 1);
  return Math.max(1, Math.min(3 * words + 8, positions - before));
}

/** A setting, and what came of it where the link was made. */
export interface LanguageLink extends Setting {
  /** Of the model's two files; '' where it is not said. */
  model: string;
  engine: string;
  digest: string;
}

/** Sixteen digits of what was drawn: every token and every bit of each log p. */
export class DraftsDigest {
  #sum = fnv1a('');

  /** Drafts that follow those before; it is the same in whatever parts they come. @param ends where each one's tokens end */
  add(tokens: Uint32Array, ends: Uint32Array, logprobs: Float64Array): void {
    const bits = new Uint16Array(logprobs.slice().buffer);
    let from = 0;
    ends.forEach((end, i) => {
      const log = String.fromCharCode(...bits.subarray(4 * i, 4 * i + 4));
      this.#sum = fnv1a(`${this.#sum.toString(16)};${tokens.subarray(from, end).join(',')};${log}`);
      from = end;
    });
  }
  /** The same of drafts as the engine has them. */
  addDrafts(drafts: readonly Pick<GeneratedDraft, 'tokens' | 'logprob'>[]): void {
    let end = 0;
    const ends = drafts.map(({ tokens }) => {
      end += tokens.length;
      return end;
    });
    const tokens = Uint32Array.from(drafts.flatMap((draft) => [...draft.tokens]));
    this.add(
      tokens,
      Uint32Array.from(ends),
      Float64Array.from(drafts, ({ logprob }) => logprob),
    );
  }
  get value(): string {
    return this.#sum.toString(16).padStart(16, '0');
  }
}

/** Twelve digits that tell models apart: the first of the checkpoint's sha256. */
export async function modelDigest(checkpoint: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', checkpoint.slice()));
  return [...hash.slice(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Characters of a link that are read. */
export const mostLink = 4000;

const whole = ['words', 'drafts', 'seed'] as const;

export function encodeLanguageLink(link: LanguageLink): string {
  const fields = new URLSearchParams({
    v: '1',
    reward: rewardText(link.reward),
    words: String(link.words),
    kl_per_word: String(link.klPerWord),
    drafts: String(link.drafts),
    seed: String(link.seed),
  });
  if (link.prompt) fields.set('prompt', link.prompt);
  fields.set('model', link.model);
  fields.set('engine', link.engine);
  fields.set('d', link.digest);
  return `#${fields}`;
}

/** What a link says; of what it does not say or says wrong, what ships, with a line for the reader. */
export function decodeLanguageLink(hash: string): { link: LanguageLink | null; problems: string[] } {
  if (hash.length < 2) return { link: null, problems: [] };
  const problems: string[] = [];
  if (hash.length > mostLink) return { link: null, problems: ['The link is longer than 4,000 characters.'] };
  const fields = new URLSearchParams(hash.slice(1));
  if (fields.get('v') !== '1') return { link: null, problems: ['v: the link is of no version that this page reads.'] };
  const setting: Setting = { ...shippedSetting };
  for (const name of whole) {
    const text = fields.get(name);
    if (text === null) continue;
    const { least, most } = limits[name];
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least && value <= most) setting[name] = value;
    else problems.push(`${name}: ${JSON.stringify(text)} is not an integer in ${least} .. ${most}.`);
  }
  const kl = fields.get('kl_per_word');
  if (kl !== null) {
    const value = Number(kl);
    if (value >= limits.klPerWord.least && value <= limits.klPerWord.most) setting.klPerWord = value;
    else
      problems.push(
        `kl_per_word: ${JSON.stringify(kl)} is not in ${limits.klPerWord.least} .. ${limits.klPerWord.most}.`,
      );
  }
  const reward = fields.get('reward');
  if (reward !== null) {
    try {
      setting.reward = rewardOf(reward);
    } catch (error) {
      problems.push(`${(error as Error).message}.`);
    }
  }
  const prompt = fields.get('prompt') ?? '';
  if (prompt.length <= limits.promptLength) setting.prompt = prompt;
  else problems.push(`prompt: ${prompt.length} characters are more than ${limits.promptLength}.`);
  const plain = (name: string) => (fields.get(name) ?? '').replaceAll(/[^\w.-]/g, '').slice(0, 40);
  return { link: { ...setting, model: plain('model'), engine: plain('engine'), digest: plain('d') }, problems };
}
