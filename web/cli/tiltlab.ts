import {
  decodeLink,
  encodeLink,
  loadEngine,
  parseScenarioText,
  type Scenario,
  stampOf,
  TiltLabError,
} from '../engine/index.js';
import { isLanguageScenario } from '../language/scenario.js';
import { isSamplesScenario, loadSamples, ReadError, scenarioReport } from '../samples/load.js';
import { asTiltLabError } from '../scenario/error.js';
import { parseJson } from '../scenario/json.js';
import { refuse } from './arguments.js';
import { generateCommand, languageLink, languageReport, linkReport, openLanguageLink } from './generate.js';
import { examples, helpOf, helpOfAll } from './help.js';
import { textIn } from './input.js';
import { isLanguageLink } from './language-links.js';
import { messageLine, print, shownText, UnwritableError } from './printing.js';
import { mergeSamples, samplesCommand } from './samples.js';
import { openShare, type ShareFile } from './shares.js';
import { mergeCommand, readArguments, simulateCommand } from './simulate.js';

const usage = `tiltlab: best-of-N against KL-constrained RL

  tiltlab evaluate FILE|LINK|-   the report of a scenario, as JSON
  tiltlab evaluate --samples FILE|FOLDER...  which N? The report of files of scored drafts, as JSON
      --prompt C --reward C --gold C --logprob C --answer C --text C --length C --count C   columns, instead of those recognised
      --scores last|min|product   of a draft's steps  --run-column C --run R   which run, where files hold several
      --drop   leaves out rows that are no drafts  --n N | --kl D | --beta B  --price P  --seed S
      --compare A,B,M   what curve A has more than B, paired by prompt, at each N: of best_of_n, ceiling, majority, weighted_majority,
               kl_rl by gold, reward, win_rate or length
  tiltlab samples FILE|FOLDER...  the same; --shard i/k one of k shares of the files, for merge
  tiltlab statements FILE|LINK|-  the paper's statements as curves of a scenario, as JSON
  tiltlab simulate FILE|LINK|-    draws what the scenario's simulation says; estimates with intervals, as JSON
      --seed S --replicates R --method tokens|types|order --workers W   instead of the scenario's
      --shard i/k   one of k shares, for merge
  tiltlab merge FILE...           the shares' result, to the bytes of one run
  tiltlab generate --length L   texts of a small language model of Moby-Dick
      --checkpoint F --tokenizer F   of another one, in llama2.c's files
      --prompt TEXT  --n N   drafts  --greedy   or  --temperature T --seed S
      --reward vader_sum|vader|word:W|words:W=1,V=-2|words:@FILE|length|letter:L|repetition   what each is worth
      --json   a row {prompt, reward, gold, text, logprob} a draft; logprob in nats, at temperature 1
      --gold R   what is really wanted, as a reward: in rows
      --workers W   threads that share the drafts; the same bytes with any number of them
      --kl NATS | --beta B   instead: KL-RL and best-of-N at that budget, with intervals, and a draft of each; of --n drafts, 2000
      --method weights|rejection|enumeration   KL-RL by weights of the drafts; those that rejection keeps, as texts or rows; or
               exactly, of all drafts that there can be
  tiltlab link FILE|-            the link of a scenario: what stands after the page's address
  tiltlab open LINK              the scenario of a link, as JSON; of transformer.html too
  tiltlab --version              the engine's version
  tiltlab --help                 this text
`;

class UsageError extends Error {}

const clipped = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
const isLink = (text: string) => /^\ufeff?(https?:[^#]*|[^#\s]*\.html[^#]*)?#/.test(text);

/** Links of pages whose drafts are no scenario, by the address or by what they alone say, and what reads them. */
const otherLinks = [
  [isLanguageLink, 'transformer.html, which opens it; evaluate judges its drafts'],
  [
    (link: string) => /^[^#]*samples\.html#|[#&]table=/.test(link),
    'samples.html, which opens it; evaluate --samples judges such files',
  ],
] as const;

/** @throws TiltLabError naming the first field that could not be read */
function openLink(link: string): Scenario {
  for (const [says, page] of otherLinks) if (says(link)) refuse('link', clipped(link), `is one of ${page}`);
  const { scenario, problems } = decodeLink(link);
  if (problems[0]) throw problems[0];
  return scenario;
}

/** A scenario whose model is drafts, or draws them; null for all others, and for what is no JSON. */
function draftsIn(text: string): unknown {
  if (!text.includes('"samples"') && !text.includes('"language_model"')) return null;
  try {
    const data = parseJson(text);
    return isSamplesScenario(data) || isLanguageScenario(data) ? data : null;
  } catch {
    return null;
  }
}

/** What else takes drafts, of each command that takes a scenario with a law alone. */
const insteadOf = {
  statements: 'has no law that statements are about; evaluate judges its drafts',
  simulate: 'has no law to be simulated; evaluate judges its drafts',
  link: 'has no link from here; samples.html makes links of drafts',
} as const;

/** A scenario with a law. @throws TiltLabError */
function scenarioIn(command: keyof typeof insteadOf, text: string): Scenario {
  const drafts = draftsIn(text) as { model: { kind: string } } | null;
  if (drafts) refuse('model.kind', drafts.model.kind, insteadOf[command]);
  return parseScenarioText(text);
}

const readScenario = (command: keyof typeof insteadOf, source: string) =>
  isLink(source) ? openLink(source) : scenarioIn(command, textIn(source));

/** The link of a scenario, with or without a law. */
async function linkOf(source: string): Promise<string> {
  const text = isLink(source) ? null : textIn(source);
  const drafts = text === null ? null : draftsIn(text);
  if (isLanguageScenario(drafts)) return languageLink(drafts);
  const scenario = text === null ? openLink(source) : scenarioIn('link', text);
  return encodeLink(scenario, stampOf((await loadEngine()).evaluate(scenario)));
}

/** The one argument of a command. */
function only(command: string, args: readonly string[], what: string): string {
  const [first, ...rest] = args;
  if (first === undefined || rest.length > 0) throw new UsageError(`${command}: needs one ${what}`);
  return first;
}

/** The result of shares, of whichever kind the first is. */
async function merge(files: readonly string[]): Promise<unknown> {
  if (files.length === 0) refuse('merge', undefined, 'is not one or more files of simulate --shard');
  const shares: ShareFile[] = [];
  for (const file of files) shares.push(await openShare(file));
  return shares[0]?.kind === 'drafts' ? mergeSamples(shares) : mergeCommand(await loadEngine(), shares);
}

const json = (value: unknown) => shownText(`${JSON.stringify(value, null, 1)}\n`);

/** @param write what is printed before the whole is known; resolves to whether somebody reads on */
async function run([command, ...args]: readonly string[], write: (text: string) => Promise<boolean>): Promise<string> {
  if (command !== undefined && Object.hasOwn(examples, command) && (args[0] === '--help' || args[0] === '-h'))
    return helpOf(command, usage);
  switch (command) {
    case 'evaluate': {
      if (args.includes('--samples')) return json(await samplesCommand(args));
      const source = only('evaluate', args, 'FILE or LINK, or - for standard input');
      if (isLink(source) && isLanguageLink(source)) return json(await linkReport(source));
      if (isLink(source)) return json((await loadEngine()).evaluate(openLink(source)));
      const text = textIn(source);
      const drafts = draftsIn(text);
      if (isLanguageScenario(drafts)) return json(await languageReport(drafts));
      if (drafts !== null) return json(scenarioReport(await loadSamples(), drafts));
      return json((await loadEngine()).evaluate(parseScenarioText(text)));
    }
    case 'statements': {
      const scenario = readScenario('statements', only('statements', args, 'FILE or LINK, or - for standard input'));
      return json((await loadEngine()).statements(scenario));
    }
    case 'simulate': {
      const parsed = readArguments(args);
      const scenario = readScenario('simulate', parsed.source);
      const simulation = { ...scenario.simulation, ...parsed.scenario };
      return json(await simulateCommand(await loadEngine(), { ...scenario, simulation }, parsed));
    }
    case 'samples':
      return json(await samplesCommand(args));
    case 'merge':
      return json(await merge(args));
    case 'generate':
      await generateCommand(args, write);
      return '';
    case 'link':
      return `${await linkOf(only('link', args, 'FILE, or - for standard input'))}\n`;
    case 'open': {
      const link = only('open', args, 'LINK');
      if (isLink(link) && isLanguageLink(link)) return json(await openLanguageLink(link));
      const scenario = openLink(link);
      // What the engine would refuse is no scenario either.
      (await loadEngine()).evaluate(scenario);
      return json(scenario);
    }
    case '--version':
      return `${(await loadEngine()).version}\n`;
    case '--help':
    case '-h':
    case undefined:
      return helpOfAll(usage);
    default:
      throw new UsageError(
        `${JSON.stringify(command)} is not one of evaluate, statements, simulate, merge, link, open, samples, generate, --version, --help`,
      );
  }
}

/** What a command leaves: exit code 2 and one line for what was refused. */
export interface Left {
  status: 0 | 2;
  stdout: string;
  stderr: string;
}

/** Runs a command. @throws whatever is a defect of ours */
export async function command(args: readonly string[], write: (text: string) => Promise<boolean>): Promise<Left> {
  try {
    return { status: 0, stdout: await run(args, write), stderr: '' };
  } catch (error) {
    const isRefusal = error instanceof TiltLabError || error instanceof UsageError || error instanceof ReadError;
    // A scenario may take more memory than there is.
    if (!isRefusal && !(error instanceof WebAssembly.RuntimeError)) throw error;
    return { status: 2, stdout: '', stderr: messageLine(isRefusal ? error.message : asTiltLabError(error).message) };
  }
}

/** The command as it is called. */
export async function main(args: readonly string[]): Promise<void> {
  process.stderr.on('error', () => {});
  try {
    const { status, stdout, stderr } = await command(args, print);
    process.exitCode = status;
    if (stderr) process.stderr.write(stderr);
    if (stdout) await print(stdout);
  } catch (error) {
    process.exitCode = 1;
    // A defect shows itself whole.
    process.stderr.write(
      error instanceof UnwritableError ? messageLine(error.message) : shownText(`${(error as Error).stack ?? error}\n`),
    );
  }
}
