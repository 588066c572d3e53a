import { readFileSync } from 'node:fs';
import { TiltLabError } from '../engine/index.js';
import type { Generation, LanguageEngine } from '../language/engine.js';
import { modelDigest } from '../language/language-link.js';
import { loadLanguage } from '../language/load.js';
import { needsLexicon, rewardOf, type TextReward } from '../language/reward.js';
import { DrawnRows, drawScenario, type LanguageScenario, parseLanguageScenario } from '../language/scenario.js';
import { mostListBytes, refusedOfList, wordListIn } from '../language/word-list.js';
import { loadSamples, scenarioReport } from '../samples/load.js';
import { integer, numberOf, refuse } from './arguments.js';
import { bar } from './bar.js';
import { drawOnWorkers } from './draft-pool.js';
import { type Drafted, drafter, type Means, type Share } from './drafting.js';
import { wholeIn } from './input.js';
import { linkOfScenario, readLanguageLink, scenarioOfLink, writtenLink } from './language-links.js';
import { shownText } from './printing.js';
import { defaultWorkers, mostWorkers } from './workers.js';

/** A file of words that a reward weighs, and the line of each. */
interface List {
  of: 'reward' | 'gold';
  name: string;
  lines: readonly number[];
}

interface GenerateArguments {
  /** Of both files; null: the model of the package. */
  files: { checkpoint: string; tokenizer: string } | null;
  json: boolean;
  reward: TextReward | null;
  /** What is really wanted, of which the reward is a proxy. */
  gold: TextReward | null;
  lists: readonly List[];
  settings: Generation;
  /** Null where nobody says. */
  workers: number | null;
}

const numbers = { '--length': 'length', '--n': 'n', '--seed': 'seed', '--temperature': 'temperature' } as const;
const texts = ['--checkpoint', '--tokenizer', '--prompt', '--reward', '--gold'] as const;

/** What follows `generate`. Ranges are the engine's to check. */
export function readGenerateArguments(args: readonly string[]): GenerateArguments {
  const given: Partial<Record<(typeof texts)[number], string>> = {};
  const settings: Generation = { length: Number.NaN };
  let json = false;
  let workers: number | null = null;
  for (let k = 0; k < args.length; k++) {
    const argument = args[k] as string;
    if (argument === '--json') json = true;
    else if (argument === '--greedy') settings.greedy = true;
    else {
      const [option = '', beside] = argument.split(/=(.*)/s);
      const text = texts.find((name) => name === option);
      if (!text && option !== '--workers' && !(option in numbers))
        refuse(argument, undefined, 'is no option of generate');
      const value = beside ?? args[++k];
      if (option === '--workers') workers = integer(option, value, 1, mostWorkers);
      else if (text) given[text] = value ?? refuse(option, value, 'is not a text');
      else
        settings[numbers[option as keyof typeof numbers]] = numberOf(option, value, Number.isFinite, 'is not a number');
    }
  }
  if (Number.isNaN(settings.length)) refuse('--length', undefined, 'is not a number');
  const { n = 1 } = settings;
  // Before the first of them is printed.
  if (!(Number.isSafeInteger(n) && n >= 1 && n <= mostDrafts))
    refuse('--n', String(n), `is not an integer in 1 .. ${mostDrafts}`);
  if (settings.greedy && settings.temperature !== undefined)
    refuse('--temperature', String(settings.temperature), 'is of no use with --greedy');
  const { '--checkpoint': checkpoint, '--tokenizer': tokenizer, '--reward': reward, '--gold': gold } = given;
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
    workers,
    settings: { ...settings, prompt: given['--prompt'] ?? '' },
  };
}

const mostDrafts = 100_000_000;
/** Bytes of a file that the engine would read. */
const mostBytes = 2 ** 28;

function bytesOf(option: string, path: string, most = mostBytes): Uint8Array {
  try {
    return wholeIn(path, most);
  } catch (error) {
    if (!(error instanceof TiltLabError)) throw error;
    const reason = error.message.slice(path.length + 2);
    return refuse(option, path, reason === 'no such file' ? 'is no file' : reason);
  }
}

/** A terminal is not to obey what a model writes; a file holds it as it is. */
const plain = (text: string) => (process.stdout.isTTY ? shownText(text) : text);

/** A file of the package, beside the folder of the command. */
const packaged = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url));

/** What is read of a model's files and, where a reward asks for it, of the lexicon. @param at what says so, before its name */
function filesOf(files: GenerateArguments['files'], rewards: readonly (TextReward | null)[], at = '--') {
  return {
    checkpoint: files ? bytesOf(`${at}checkpoint`, files.checkpoint) : packaged('moby-dick-model.bin'),
    tokenizer: files ? bytesOf(`${at}tokenizer`, files.tokenizer) : packaged('moby-dick-tokenizer.bin'),
    lexicon: rewards.some((each) => each && needsLexicon(each)) ? packaged('vader-lexicon.tsv').toString() : null,
  };
}

type Files = ReturnType<typeof filesOf> & {
  /** Of the checkpoint. */
  digest: string;
};

/** An engine with a scenario's model, and what does with it what is asked: the engine's fields are its model's. @throws TiltLabError */
async function withModel<T>(
  { model }: LanguageScenario,
  ask: (engine: LanguageEngine, positions: number, files: Files) => T | Promise<T>,
) {
  const { checkpoint, tokenizer = '', reward, gold = null } = model;
  const files = filesOf(checkpoint === undefined ? null : { checkpoint, tokenizer }, [reward, gold], 'model.');
  const engine = await loadLanguage();
  const digest = await modelDigest(files.checkpoint);
  try {
    const { seq_len } = engine.read(files.checkpoint, files.tokenizer);
    if (files.lexicon !== null) engine.readLexicon(files.lexicon);
    return { engine, model: digest, found: await ask(engine, seq_len, { ...files, digest }) };
  } catch (error) {
    if (!(error instanceof TiltLabError) || error.kind !== 'input') throw error;
    const isNamed = /^(model|budget|simulation|link)\b/.test(error.message);
    throw isNamed ? error : new TiltLabError('input', `model.${error.message}`, `model.${error.path}`);
  }
}

/** The report of a scenario whose model is a language model: of its drafts, with what tells them apart. @throws TiltLabError */
export async function languageReport(data: unknown) {
  const scenario = parseLanguageScenario(data);
  const { model, found } = await withModel(scenario, (engine, _, files) => drawn(engine, scenario, files));
  return reportOf(scenario, model, found);
}

async function reportOf(scenario: LanguageScenario, model: string, { rows, digest }: DrawnRows) {
  const { budget, simulation } = scenario;
  const report = scenarioReport(await loadSamples(), {
    v: 1,
    model: { kind: 'samples', rows },
    ...(budget === undefined ? {} : { budget }),
    simulation: { seed: simulation?.seed ?? 1 },
  });
  return { ...report, language_model: { model, drafts: rows.length, digest } };
}

/** Of the model that ships: of another one's link the files are not known. @throws TiltLabError */
async function linked<T>(
  text: string,
  ask: (engine: LanguageEngine, scenario: LanguageScenario, files: Files) => T | Promise<T>,
) {
  const link = readLanguageLink(text);
  const { prompt, reward } = link;
  const any: LanguageScenario = { model: { kind: 'language_model', prompt, length: 1, reward } };
  const { model, found } = await withModel(any, async (engine, positions, files) => {
    if (link.model !== '' && link.model !== files.digest)
      refuse('link.model', link.model, `is not the package's, ${files.digest}`);
    const scenario = scenarioOfLink(link, positions);
    return { scenario, asked: await ask(engine, scenario, files) };
  });
  return { link, model, ...found };
}

/** The scenario of a link of the transformer's page. @throws TiltLabError */
export const openLanguageLink = async (text: string): Promise<LanguageScenario> =>
  (await linked(text, (engine, { model }) => void engine.rewards(model.reward, []))).scenario;

/** Its report, with whether its drafts are those of whoever made it. @throws TiltLabError */
export async function linkReport(text: string) {
  const { link, model, scenario, asked } = await linked(text, drawn);
  const report = await reportOf(scenario, model, asked);
  const reproduced = link.digest === '' ? null : link.digest === asked.digest;
  return { ...report, language_model: { ...report.language_model, reproduced } };
}

/** The link of a scenario that the transformer's page opens. @throws TiltLabError naming what no link carries */
export async function languageLink(data: unknown): Promise<string> {
  const scenario = parseLanguageScenario(data);
  const { engine, model, found } = await withModel(scenario, async (engine, positions, files) => {
    const setting = linkOfScenario(scenario, positions);
    return { setting, digest: (await drawn(engine, scenario, files)).digest };
  });
  return writtenLink(found.setting, { model, digest: found.digest }, engine);
}

/** Fewest drafts that are worth a thread, and most that are printed at once; one call of the engine has 64 side by side. */
const share = { fewest: 64, most: 512 };

/** Threads where nobody says how many: as many as have enough to do, and as have room for a model each. */
function threadsFor(n: number, bytes: number): number {
  const room = Math.floor(2 ** 31 / (6 * bytes));
  return Math.max(1, Math.min(defaultWorkers(), Math.floor(n / share.fewest), room));
}

/** All drafts, so that every worker has several shares. */
function sharesOf(n: number, workers: number): Share[] {
  const size = Math.min(share.most, Math.max(share.fewest, Math.ceil(n / (4 * workers))));
  return Array.from({ length: Math.ceil(n / size) }, (_, i) => ({ first: i * size, n: Math.min(size, n - i * size) }));
}

/** As threads read the same bytes. */
function sharedBytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(new SharedArrayBuffer(bytes.length));
  out.set(bytes);
  return out;
}

/** Draws all in this thread, or in several: the same in the same order. @param take whether more are wanted */
async function draw(means: Means, n: number, workers: number, take: (drafted: Drafted) => Promise<boolean>) {
  const shares = sharesOf(n, workers);
  if (Math.min(workers, shares.length) > 1) {
    const { checkpoint, tokenizer } = means;
    const shared = { ...means, checkpoint: sharedBytes(checkpoint), tokenizer: sharedBytes(tokenizer) };
    return drawOnWorkers(shared, shares, workers, take);
  }
  const drawShare = await drafter(means);
  for (const each of shares) if (!(await take(drawShare(each)))) return;
}

/** Silent where it is soon done. */
function progress(n: number) {
  const soon = performance.now() + 1000;
  const show = bar(n, 'drafts');
  return (count: number) => {
    if (performance.now() > soon) show({ share: count / n, count });
  };
}

/** What a scenario says, in several threads where there are so many drafts: the same with any number of them. */
async function drawn(engine: LanguageEngine, scenario: LanguageScenario, files: Files): Promise<DrawnRows> {
  const { model, simulation } = scenario;
  const { prompt = '', length, words, reward, gold = null } = model;
  const { seed = 1, replicates = 1000 } = simulation ?? {};
  const workers = threadsFor(replicates, files.checkpoint.length);
  if (workers === 1 && replicates <= share.most) return drawScenario(engine, scenario);
  const show = progress(replicates);
  const out = new DrawnRows(prompt);
  const means: Means = { ...files, reward, gold, words, settings: { prompt, length, seed } };
  await draw(means, replicates, workers, async ({ drafts, rewards, golds }) => {
    out.add(drafts, rewards ?? [], golds);
    show(out.rows.length);
    return true;
  });
  return out;
}

/**
 * Draws texts and hands them to `print`: each after its prompt with a line's end, after its reward and a tab where one is
 * asked for; or as a row {prompt, reward, gold, text, logprob} of JSON lines. @throws TiltLabError
 */
export async function generateCommand(
  args: readonly string[],
  print: (text: string) => Promise<boolean>,
): Promise<void> {
  const { files, json, reward, gold, lists, settings, workers } = readGenerateArguments(args);
  const { prompt = '', n = 1 } = settings;
  const means: Means = { ...filesOf(files, [reward, gold]), reward, gold, settings };
  const show = progress(n);
  let count = 0;
  await draw(means, n, workers ?? threadsFor(n, means.checkpoint.length), async ({ drafts, rewards, golds }) => {
    for (const [i, { text, logprob }] of drafts.entries()) {
      const value = rewards?.[i];
      const line = json
        ? shownText(`${JSON.stringify({ prompt, reward: value, gold: golds?.[i], text, logprob })}\n`)
        : plain(`${value === undefined ? '' : `${value}\t`}${prompt}${text}\n`);
      // Nobody reads on.
      if (!(await print(line))) return false;
    }
    count += drafts.length;
    // Texts that stand in the terminal say it themselves.
    if (!process.stdout.isTTY) show(count);
    return true;
  }).catch((error) => {
    if (!(error instanceof TiltLabError)) throw error;
    const said = lists.reduce((message, { of, name, lines }) => refusedOfList(message, name, lines, of), error.message);
    throw new TiltLabError(error.kind, said, error.path);
  });
}
