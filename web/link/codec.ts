import type { Pack, Pair } from '../models/kind.js';
import { kindOf, kinds } from '../models/registry.js';
import { readTransform, writeTransform } from '../models/transform.js';
import { readPolicy, writePolicies } from '../policies/registry.js';
import { defaultScenario, defaults } from '../scenario/defaults.js';
import type { TiltLabError } from '../scenario/error.js';
import { stated } from '../scenario/number.js';
import { decoded, encoded } from '../scenario/percent.js';
import { type Budget, type Model, parseScenario, type Scenario } from '../scenario/scenario.js';
import type { Stamp } from './digest.js';
import { clip, quote, Reader, toNumber } from './reader.js';

const longestLink = 4_000_000;
const version = 1;
const budgetKinds = ['n', 'log_n', 'kl', 'kl_per_token', 'beta'] as const;
/** `beta` of a budget, beside a family with a parameter of that name. */
const coefficient = 'kl_coefficient';
const known: ReadonlySet<string> = new Set([
  'v',
  'title',
  'model',
  ...Object.values(kinds).flatMap(({ link }) => link.keys),
  ...budgetKinds,
  coefficient,
  'transform',
  'policies',
  'seed',
  'replicates',
  'method',
  'sim',
  'axis',
  'e',
  'd',
]);

function budgetPairs({ budget, model }: Scenario): Pair[] {
  const [kind, value] = Object.entries(budget)[0] as [string, number];
  const { link } = kindOf(model);
  const [ownKind, ownValue] = Object.entries(link.budget)[0] as [string, number];
  // A model may have a parameter of that name.
  const key = kind === 'beta' && kind in model ? coefficient : kind;
  return link.leavesBudgetOut && kind === ownKind && value === ownValue ? [] : [[key, stated(value)]];
}

/** Seed always; and which of the defaults the scenario states itself, so that opening gives back the same scenario. */
function simulationPairs({ simulation }: Scenario): Pair[] {
  const { seed = defaults.simulation.seed, replicates } = simulation ?? {};
  const pairs: Pair[] = [['seed', stated(seed)]];
  if (replicates !== undefined) pairs.push(['replicates', stated(replicates)]);
  if (simulation?.method !== undefined) pairs.push(['method', simulation.method]);
  if (simulation?.seed === defaults.simulation.seed) pairs.push(['sim', 'seed']);
  else if (simulation && Object.keys(simulation).length === 0) pairs.push(['sim', 'none']);
  return pairs;
}

/**
 * The scenario as the part of an address after `#`, with what the engine found.
 * @param pack by `encode.ts`, apart from here since few links hold so many rows @param axis null for the reward
 */
export function writeLink(scenario: Scenario, stamp: Stamp, pack: Pack, axis: Axis | null = null): string {
  const { title, model, transform, policies } = scenario;
  const pairs: Pair[] = [
    ['v', String(version)],
    ...(title === undefined ? [] : ([['title', encoded(title)]] as Pair[])),
    ...kindOf(model).link.write(model, pack),
    ...(transform === undefined ? [] : [writeTransform(transform)]),
    ...budgetPairs(scenario),
    ...(policies === undefined ? [] : ([['policies', writePolicies(policies)]] as Pair[])),
    ...simulationPairs(scenario),
    ...(axis === null ? [] : ([['axis', axis]] as Pair[])),
    ['e', stamp.engine],
    ['d', `${stamp.digest}~${stamp.best_of_n}~${stamp.kl_rl}`],
  ];
  return `#${pairs.map(([key, text]) => `${key}=${text}`).join('&')}`;
}

/** What the frontier's policies are judged by, where it is not the reward. */
export const axes = ['win_rate', 'gold'] as const;
export type Axis = (typeof axes)[number];

export interface Opened {
  scenario: Scenario;
  /** How it is looked at; left out where the link does not say. */
  axis?: Axis;
  /** One for each field that could not be read; its default stands in the scenario. */
  problems: TiltLabError[];
  stamp: Stamp | null;
}

const judged = (model: unknown): Model => parseScenario({ model, budget: { kl: 0 } }).model;

/** What the scenario's rules say of a part that stands beside any model. */
const judgedBeside = (part: Partial<Record<keyof Scenario, unknown>>): Scenario =>
  parseScenario({ model: defaults.model, budget: { kl: 0 }, ...part });

function readModel(reader: Reader): Model {
  const kind = reader.raw('model') ?? defaults.model.kind;
  const given = reader.number('length');
  const own = defaults.model.length;
  // A length that cannot be read costs the length alone, not the table.
  reader.length =
    given === undefined
      ? own
      : reader.attempt(() => {
          const model = judged({ ...defaults.model, length: given });
          return kindOf(model).length(model);
        }, own);
  return reader.attempt<Model>(() => {
    const found = Object.hasOwn(kinds, kind) ? kinds[kind as Model['kind']] : null;
    return judged(found ? found.link.read(reader) : { kind });
  }, defaults.model);
}

function readTransformOf(reader: Reader, model: Model): Scenario['transform'] {
  const transform = readTransform(reader);
  if (transform === undefined) return undefined;
  return reader.attempt(() => parseScenario({ model, transform, budget: { kl: 0 } }).transform, undefined);
}

function readBudget(reader: Reader, model: Model): Budget {
  const keyOf = (kind: string) => (kind === 'beta' && reader.raw('family') === kind ? coefficient : kind);
  const given = budgetKinds.filter((kind) => reader.has(keyOf(kind)));
  const fallback = kindOf(model).link.budget;
  if (given.length === 0) return fallback;
  return reader.attempt(
    () =>
      parseScenario({ model, budget: Object.fromEntries(given.map((kind) => [kind, reader.number(keyOf(kind))])) })
        .budget,
    fallback,
  );
}

function readPolicies(reader: Reader): Scenario['policies'] {
  const text = reader.raw('policies');
  if (text === undefined) return undefined;
  const parts = text.split(';').filter(Boolean);
  // Too many are refused for their number, unread.
  const policies =
    parts.length > 100
      ? parts
      : parts.map((part) => {
          const [short = '', first = '', second = '', third = ''] = part.split(',');
          return readPolicy(short, [first, second, third].map(toNumber)) ?? { kind: clip(short) };
        });
  return reader.attempt(() => judgedBeside({ policies }).policies, undefined);
}

function readSimulation(reader: Reader): Scenario['simulation'] {
  const own = reader.raw('sim');
  const seed = reader.number('seed');
  const replicates = reader.number('replicates');
  const method = reader.raw('method');
  const simulation = {
    ...(seed !== undefined && (seed !== defaults.simulation.seed || own === 'seed') ? { seed } : {}),
    ...(replicates === undefined ? {} : { replicates }),
    ...(method === undefined ? {} : { method }),
  };
  if (Object.keys(simulation).length === 0 && own === undefined) return undefined;
  return reader.attempt(() => judgedBeside({ simulation }).simulation, undefined);
}

function readTitle(reader: Reader): string | undefined {
  const given = reader.text('title');
  const title = reader.attempt(() => judgedBeside(given === undefined ? {} : { title: given }).title, undefined);
  return title === undefined || clip(title) === title || title.length <= 200 ? title : title.slice(0, 200);
}

function readStamp(reader: Reader): Stamp | null {
  const engine = reader.raw('e');
  const [digest, best_of_n, kl_rl] = reader.raw('d')?.split('~') ?? [];
  if (!engine || !digest || best_of_n === undefined || kl_rl === undefined) return null;
  return { engine: clip(engine), digest: clip(digest), best_of_n: clip(best_of_n), kl_rl: clip(kl_rl) };
}

function readAxis(reader: Reader): { axis?: Axis } {
  const given = reader.raw('axis');
  if (given === undefined || given === 'reward') return {};
  const axis = axes.find((each) => each === given);
  if (!axis)
    reader.refuse('link.axis', `${quote(given)} is not one of reward, ${axes.join(', ')}, which is passed over`);
  return axis ? { axis } : {};
}

/** Whether a problem left the scenario as it was written: the link says what it says without the field. */
export const isPassedOver = ({ message }: TiltLabError): boolean => message.endsWith('which is passed over');

/** A link as it was written, after what mail and chat do to one: wholly percent-encoded, or escaped as HTML. */
function mended(link: string): string {
  const plain = link.replaceAll('&amp;', '&');
  if (plain.includes('=') || !/%3D/i.test(plain)) return plain;
  return decoded(plain)?.replaceAll('&amp;', '&') ?? plain;
}

/** What is wrong with the version, or null. */
function versionFault(written: string | undefined): string | null {
  if (written === String(version)) return null;
  const isLater = /^\d+$/.test(written ?? '') && Number(written) > version;
  return `${written === undefined ? 'nothing' : quote(written)} ${
    isLater ? `is of a later version; this Tilt Lab reads version ${version}` : `is not ${version}`
  }`;
}

/** Reads a link, or the part of it after `#`. Never throws: what cannot be read is named in `problems`. */
export function decodeLink(link: string): Opened {
  const tooLong = link.length > longestLink;
  const whole = tooLong ? '' : mended(link);
  const text = whole.slice(whole.indexOf('#') + 1);
  // A link of the page for scored drafts says nothing that a scenario has.
  const isOfDrafts = /(^|&)table=/.test(text);
  const isUnread = tooLong || isOfDrafts;
  const reader = new Reader(isUnread ? '' : text, known);
  const fault = isUnread ? null : versionFault(reader.raw('v'));
  if (isOfDrafts) reader.refuse('link', 'is of scored drafts, which samples.html opens');
  if (tooLong) reader.refuse('link', `${link.length} characters are more than ${longestLink}`);
  if (fault) reader.refuse('link.v', fault);
  if (isUnread || fault) return { scenario: defaultScenario, problems: reader.problems, stamp: null };
  const title = readTitle(reader);
  const model = readModel(reader);
  const transform = readTransformOf(reader, model);
  const budget = readBudget(reader, model);
  const policies = readPolicies(reader);
  const simulation = readSimulation(reader);
  const scenario: Scenario = {
    v: 1,
    ...(title === undefined ? {} : { title }),
    model,
    ...(transform ? { transform } : {}),
    budget,
    ...(policies ? { policies } : {}),
    ...(simulation ? { simulation } : {}),
  };
  return { scenario, ...readAxis(reader), problems: reader.problems, stamp: readStamp(reader) };
}
