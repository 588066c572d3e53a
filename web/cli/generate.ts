import { readFileSync } from 'node:fs';
import { TiltLabError } from '../engine/index.js';
import type { LanguageEngine } from '../language/engine.js';
import { modelDigest } from '../language/language-link.js';
import { loadLanguage } from '../language/load.js';
import { needsLexicon, type TextReward } from '../language/reward.js';
import { DrawnRows, drawScenario, type LanguageScenario, parseLanguageScenario } from '../language/scenario.js';
import { refusedOfList } from '../language/word-list.js';
import { loadSamples, scenarioReport } from '../samples/load.js';
import { refuse } from './arguments.js';
import type { Means } from './drafting.js';
import { draw, progress, threadsFor } from './drawing.js';
import { bytesOf, type GenerateArguments, type List, readGenerateArguments } from './generate-arguments.js';
import { linkOfScenario, readLanguageLink, scenarioOfLink, writtenLink } from './language-links.js';
import { type Asked, enumerated, rejected, weighed } from './optimum.js';
import { optimumText } from './optimum-text.js';
import { messageLine, shownText } from './printing.js';
import { draftsOf, lineOf } from './rows.js';

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

/** What a scenario says, in several threads where there are so many drafts: the same with any number of them. */
async function drawn(engine: LanguageEngine, scenario: LanguageScenario, files: Files): Promise<DrawnRows> {
  const { model, simulation } = scenario;
  const { prompt = '', length, words, reward, gold = null } = model;
  const { seed = 1, replicates = 1000 } = simulation ?? {};
  const workers = threadsFor(replicates, files.checkpoint.length);
  const show = progress(replicates);
  if (workers === 1) return drawScenario(engine, scenario, show);
  const out = new DrawnRows(prompt);
  const means: Means = { ...files, reward, gold, words, settings: { prompt, length, seed } };
  await draw(means, replicates, workers, async ({ drafts, rewards, golds }) => {
    out.add(drafts, rewards ?? [], golds);
    show(out.rows.length);
    return true;
  });
  return out;
}

/** What a list of words is refused for, by its line. */
const refusedOf = (error: unknown, lists: readonly List[]) => {
  if (!(error instanceof TiltLabError)) return error;
  const said = lists.reduce((message, { of, name, lines }) => refusedOfList(message, name, lines, of), error.message);
  return new TiltLabError(error.kind, said, error.path);
};

type Print = (text: string) => Promise<boolean>;

/** Drafts as they come. */
async function printed({ means, n, workers, show }: Omit<Asked, 'tilt'>, json: boolean, print: Print) {
  const { prompt = '' } = means.settings;
  let count = 0;
  await draw(means, n, workers, async (drafted) => {
    // False: nobody reads on.
    for (const draft of draftsOf(drafted)) if (!(await print(lineOf(draft, prompt, json)))) return false;
    count += drafted.drafts.length;
    // Texts that stand in the terminal say it themselves.
    if (!process.stdout.isTTY) show(count);
    return true;
  });
}

/** KL-RL: a report, or the drafts that rejection keeps. */
async function printedOptimum(asked: Asked, json: boolean, print: Print) {
  const { prompt = '' } = asked.means.settings;
  const { method } = asked.tilt;
  if (method === 'rejection') {
    const kept = await rejected(asked, (line) => void process.stderr.write(messageLine(line)));
    for (const draft of kept) if (!(await print(lineOf(draft, prompt, json)))) return;
    return;
  }
  const report = await (method === 'weights' ? weighed : enumerated)(asked);
  await print(json ? shownText(`${JSON.stringify(report, null, 1)}\n`) : optimumText(report, prompt));
}

/**
 * Draws texts and hands them to `print`: each after its prompt with a line's end, after its reward and a tab where one is
 * asked for; or as a row {prompt, reward, gold, text, logprob} of JSON lines. With a budget it says what KL-RL and
 * best-of-N make of them instead, or hands on those that rejection keeps. @throws TiltLabError
 */
export async function generateCommand(args: readonly string[], print: Print): Promise<void> {
  const { files, json, reward, gold, lists, settings, tilt, workers: given } = readGenerateArguments(args);
  const { n } = settings;
  const means: Means = { ...filesOf(files, [reward, gold]), reward, gold, settings };
  const workers = given ?? threadsFor(n, means.checkpoint.length);
  const asked = { means, n, workers, show: progress(n) };
  try {
    await (tilt ? printedOptimum({ ...asked, tilt }, json, print) : printed(asked, json, print));
  } catch (error) {
    throw refusedOf(error, lists);
  }
}
