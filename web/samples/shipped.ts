import type { DraftTable } from './collect.js';

/** What the table that ships is called, and how its columns would be if it were a file. */
export const shippedName = 'HumanEval, CodeGen-16B';
export const shippedColumns = { reward: 'proxy_reward', gold: 'gold_reward', length: 'n_chars' };

/** In sentences. */
export const shippedCalled = { reward: 'the proxy', gold: 'the share solved' };
/** Of a draft, in problems solved. */
export const shippedPrice = 0.005;

/**
 * The table that ships: a line a problem, `proxy/gold:` and the lengths of the programs that have both.
 * @param text web/data/humaneval-codegen16b.tsv
 */
export function readShipped(text: string): DraftTable {
  const prompt: number[] = [];
  const reward: number[] = [];
  const gold: number[] = [];
  const length: number[] = [];
  const prompts: string[] = [];
  for (const line of text.trim().split('\n')) {
    const [name = '', ...groups] = line.split('\t');
    for (const group of groups) {
      const [proxy = '', right = '', lengths = ''] = group.split(/[/:]/);
      for (const each of lengths.split(',')) {
        prompt.push(prompts.length);
        reward.push(Number(proxy));
        gold.push(Number(right));
        length.push(Number(each));
      }
    }
    prompts.push(`#${name}`);
  }
  return {
    prompt: Uint32Array.from(prompt),
    reward: Float64Array.from(reward),
    gold: Float64Array.from(gold),
    logprob: new Float64Array(),
    length: Float64Array.from(length),
    answer: new Uint32Array(),
    prompts,
    texts: null,
  };
}
