import { TiltLabError } from '../engine/index.js';
import type { Generation } from '../language/engine.js';
import { limits, shippedSetting } from '../language/language-link.js';
import { rewardOf, type TextReward } from '../language/reward.js';
import { mostListBytes, wordListIn } from '../language/word-list.js';
import { integer, numberOf, refuse } from './arguments.js';
import { wholeIn } from './input.js';
import { mostWorkers } from './workers.js';

/** A file of words that a reward weighs, and the line of each. */
export interface List {
  of: 'reward' | 'gold';
  name: string;
  lines: readonly number[];
}

/** How KL-RL is had: from drafts by weights e^(alpha r), by rejection, or from all drafts that there can be. */
export const methods = ['weights', 'rejection', 'enumeration'] as const;

/** What of KL-RL is asked for. */
export interface Tilt {
  method: (typeof methods)[number];
  budget: { kl: number } | { beta: number };
  /** As it was given: what a refusal names. */
  option: '--kl' | '--beta';
  value: string;
}

export interface GenerateArguments {
  /** Of both files; null: the model of the package. */
  files: { checkpoint: string; tokenizer: string } | null;
  json: boolean;
  reward: TextReward | null;
  /** What is really wanted, of which the reward is a proxy. */
  gold: TextReward | null;
  lists: readonly List[];
  settings: Generation & { n: number; prompt: string };
  /** Null where drafts of the model itself are asked for. */
  tilt: Tilt | null;
  /** Null where nobody says. */
  workers: number | null;
}

const numbers = { '--length': 'length', '--n': 'n', '--seed': 'seed', '--temperature': 'temperature' } as const;
const texts = [
  '--checkpoint',
  '--tokenizer',
  '--prompt',
  '--reward',
  '--gold',
  '--kl',
  '--beta',
  '--method',
  '--workers',
] as const;

/** What was written, option by option. */
interface Written {
  given: Partial<Record<(typeof texts)[number], string>>;
  settings: Generation;
  json: boolean;
}

function written(args: readonly string[]): Written {
  const out: Written = { given: {}, settings: { length: Number.NaN }, json: false };
  for (let k = 0; k < args.length; k++) {
    const argument = args[k] as string;
    if (argument === '--json') out.json = true;
    else if (argument === '--greedy') out.settings.greedy = true;
    else {
      const [option = '', beside] = argument.split(/=(.*)/s);
      const text = texts.find((name) => name === option);
      if (!text && !(option in numbers)) refuse(argument, undefined, 'is no option of generate');
      const value = beside ?? args[++k];
      if (text) out.given[text] = value ?? refuse(option, value, 'is not a text');
      else
        out.settings[numbers[option as keyof typeof numbers]] = numberOf(
          option,
          value,
          Number.isFinite,
          'is not a number',
        );
    }
  }
  if (Number.isNaN(out.settings.length)) refuse('--length', undefined, 'is not a number');
  if (out.settings.greedy && out.settings.temperature !== undefined)
    refuse('--temperature', String(out.settings.temperature), 'is of no use with --greedy');
  return out;
}

/** What KL-RL is asked for, and what of the other options does not go with it. */
function tiltIn({ given, settings }: Written): Tilt | null {
  const { '--kl': kl, '--beta': beta, '--method': method = 'weights', '--gold': gold } = given;
  const option = kl === undefined ? '--beta' : '--kl';
  const value = kl ?? beta;
  if (value === undefined) {
    if (given['--method'] !== undefined) refuse('--method', method, 'is of no use without --kl or --beta');
    return null;
  }
  if (kl !== undefined && beta !== undefined) refuse('--beta', beta, 'stands beside --kl, and there is one budget');
  const how = methods.find((each) => each === method) ?? refuse('--method', method, `is none of ${methods.join(', ')}`);
  const budget =
    kl === undefined
      ? { beta: numberOf(option, value, (x) => x > 0 && Number.isFinite(x), 'is not a number above 0') }
      : { kl: numberOf(option, value, (x) => x >= 0 && x <= mostKl, `is not a number in 0 .. ${mostKl}`) };
  if (given['--reward'] === undefined) refuse(option, value, 'is of no use without --reward');
  if (settings.greedy) refuse(option, value, 'is of no use with --greedy, whose drafts are all the same');
  if (settings.temperature !== undefined && settings.temperature !== 1)
    refuse('--temperature', String(settings.temperature), 'is not 1, and a KL is one from the model itself');
  if (gold !== undefined && how !== 'rejection')
    refuse('--gold', gold, `stands in rows, which --method ${how} does not print`);
  for (const name of ['n', 'seed'] as const)
    if (settings[name] !== undefined && how === 'enumeration')
      refuse(`--${name}`, String(settings[name]), 'is of no use with --method enumeration, which draws nothing');
  return { method: how, budget, option, value };
}

/** Of drafts that are printed as they come, and of those that are judged together. */
const mostDrafts = { printed: 100_000_000, judged: 100_000 };
const mostKl = 700;

/** How many drafts; said before the first of them is printed. */
function draftsIn({ n }: Generation, tilt: Tilt | null): number {
  if (!tilt) return within(n ?? 1, 1, mostDrafts.printed);
  // Of an alpha that was given, rejection asks nothing of the drafts.
  const isFree = tilt.method !== 'weights' && 'beta' in tilt.budget;
  return within(n ?? shippedSetting.drafts, isFree ? 1 : limits.drafts.least, mostDrafts.judged);
}

const within = (n: number, least: number, most: number) =>
  Number.isSafeInteger(n) && n >= least && n <= most
    ? n
    : refuse('--n', String(n), `is not an integer in ${least} .. ${most}`);

/** What follows `generate`. Ranges of the other settings are the engine's to check. */
export function readGenerateArguments(args: readonly string[]): GenerateArguments {
  const all = written(args);
  const { given, json, settings } = all;
  const tilt = tiltIn(all);
  const n = draftsIn(settings, tilt);
  const { '--checkpoint': checkpoint, '--tokenizer': tokenizer, '--workers': workers } = given;
  const { '--reward': reward, '--gold': gold, '--prompt': prompt = '' } = given;
  if (gold !== undefined && (reward === undefined || !json))
    refuse('--gold', gold, 'stands in rows beside a reward: it needs --reward and --json');
  const lists: List[] = [];
  const weighed = (of: List['of'], text: string | undefined): TextReward | null => {
    if (text === undefined) return null;
    const [, name] = /^words:@(.+)$/s.exec(text) ?? [];
    if (name === undefined) return rewardOf(text, `--${of}`);
    const { words, lines } = wordListIn(name, bytesOf(`--${of}`, name, mostListBytes));
    lists.push({ of, name, lines });
    return { kind: 'words', words };
  };
  const isOwn = checkpoint === undefined && tokenizer === undefined;
  return {
    files: isOwn
      ? null
      : {
          checkpoint: checkpoint || refuse('--checkpoint', checkpoint, 'is not a file'),
          tokenizer: tokenizer || refuse('--tokenizer', tokenizer, 'is not a file'),
        },
    json,
    reward: weighed('reward', reward),
    gold: weighed('gold', gold),
    lists,
    tilt,
    workers: workers === undefined ? null : integer('--workers', workers, 1, mostWorkers),
    settings: { ...settings, n, prompt },
  };
}

/** Bytes of a file that the engine would read. */
const mostBytes = 2 ** 28;

export function bytesOf(option: string, path: string, most = mostBytes): Uint8Array {
  try {
    return wholeIn(path, most);
  } catch (error) {
    if (!(error instanceof TiltLabError)) throw error;
    const reason = error.message.slice(path.length + 2);
    return refuse(option, path, reason === 'no such file' ? 'is no file' : reason);
  }
}
