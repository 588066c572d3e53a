import { TiltLabError } from '../engine/error.js';
import { defaults } from './defaults.js';
import type { Stamp } from './digest.js';
import { families, parameterNames } from './families.js';
import { unpack } from './packed.js';
import { type Budget, type Model, parseScenario, type Scenario } from './scenario.js';

/** Rows that take more characters than this go into `data`, deflated. */
const longestRows = 160;
const longestLink = 4_000_000;
const version = 1;
const budgetKinds = ['n', 'log_n', 'kl', 'kl_per_token'] as const;
const known = [
  'v',
  'title',
  'model',
  'length',
  'p',
  'r',
  'gold',
  'labels',
  'data',
  'family',
  ...parameterNames,
  'u',
  'mirrored',
  ...budgetKinds,
  'policies',
  'seed',
  'replicates',
  'method',
  'sim',
  'e',
  'd',
];

const number = (x: number) => (Object.is(x, -0) ? '-0' : String(x));
const join = (parts: string[]) => parts.join(',');

type Rows = Extract<Model, { kind: 'finite' | 'memoryless' }>;

/** The rows of a model as short lists, where every row has the same fields; null where `data` has to carry them. */
function inline(model: Rows): [string, string][] | null {
  const rows: { label?: string; p: number; reward: number; gold?: number }[] =
    model.kind === 'finite' ? model.outcomes : model.tokens;
  const all = (field: 'label' | 'gold') => rows.every((row) => row[field] !== undefined);
  const none = (field: 'label' | 'gold') => rows.every((row) => row[field] === undefined);
  if (!(all('label') || none('label')) || !(all('gold') || none('gold'))) return null;
  const pairs: [string, string][] = [
    ['p', join(rows.map((row) => number(row.p)))],
    ['r', join(rows.map((row) => number(row.reward)))],
  ];
  if (all('gold')) pairs.push(['gold', join(rows.map((row) => number(row.gold ?? 0)))]);
  if (all('label')) pairs.push(['labels', join(rows.map((row) => encodeURIComponent(row.label ?? '')))]);
  return pairs.reduce((sum, [key, value]) => sum + key.length + value.length + 2, 0) <= longestRows ? pairs : null;
}

function continuousPairs(model: Extract<Model, { kind: 'continuous' }>, pack: Pack): [string, string][] {
  const values = model as unknown as Record<string, number>;
  const named = families[model.family].map((name): [string, string] => [name, number(values[name] as number)]);
  const pairs: [string, string][] = [['model', model.kind], ['family', model.family], ...named];
  if (model.family === 'quantiles') {
    const u = join(model.u.map(number));
    const r = join(model.reward.map(number));
    pairs.push(
      ...((u.length + r.length <= longestRows
        ? [
            ['u', u],
            ['r', r],
          ]
        : [['data', pack(JSON.stringify({ u: model.u, r: model.reward }))]]) as [string, string][]),
    );
  }
  if (model.mirrored !== undefined) pairs.push(['mirrored', String(model.mirrored)]);
  return pairs;
}

interface Columns {
  p: unknown[];
  r: unknown[];
  /** null in a row that has none; left out where no row has one. */
  gold?: unknown[];
  labels?: unknown[];
}

/** Rows as columns, which deflate better. */
function packRows(rows: { label?: string; p: number; reward: number; gold?: number }[], pack: Pack): string {
  const columns: Columns = { p: rows.map((row) => row.p), r: rows.map((row) => row.reward) };
  if (rows.some((row) => row.gold !== undefined)) columns.gold = rows.map((row) => row.gold ?? null);
  if (rows.some((row) => row.label !== undefined)) columns.labels = rows.map((row) => row.label ?? null);
  return pack(JSON.stringify(columns));
}

function unpackRows(packed: string): unknown[] {
  const { p, r, gold, labels } = JSON.parse(unpack(packed)) as Columns;
  if (![p, r, gold ?? p, labels ?? p].every((column) => Array.isArray(column) && column.length === p.length))
    throw new Error('its columns differ in length');
  return p.map((weight, i) => ({
    ...(labels && labels[i] !== null ? { label: labels[i] } : {}),
    p: weight,
    reward: r[i],
    ...(gold && gold[i] !== null ? { gold: gold[i] } : {}),
  }));
}

function modelPairs(model: Model, pack: Pack): [string, string][] {
  if (model.kind === 'text') return model.length === defaults.model.length ? [] : [['length', number(model.length)]];
  if (model.kind === 'continuous') return continuousPairs(model, pack);
  const rows = inline(model) ?? [['data', packRows(model.kind === 'finite' ? model.outcomes : model.tokens, pack)]];
  const length: [string, string][] = model.kind === 'memoryless' ? [['length', number(model.length)]] : [];
  return [['model', model.kind], ...length, ...rows];
}

/** `soft,4,1.5;poisson,3` */
const policyPairs = ({ policies }: Scenario): [string, string][] =>
  policies === undefined
    ? []
    : [
        [
          'policies',
          policies
            .map((policy) =>
              policy.kind === 'soft_best_of_n'
                ? `soft,${number(policy.n)},${number(policy.alpha)}`
                : `poisson,${number(policy.mu)}`,
            )
            .join(';'),
        ],
      ];

/** Seed always; and which of the defaults the scenario states itself, so that opening gives back the same scenario. */
function simulationPairs({ simulation }: Scenario): [string, string][] {
  const { seed = defaults.simulation.seed, replicates } = simulation ?? {};
  const pairs: [string, string][] = [['seed', number(seed)]];
  if (replicates !== undefined) pairs.push(['replicates', number(replicates)]);
  if (simulation?.method !== undefined) pairs.push(['method', simulation.method]);
  if (simulation?.seed === defaults.simulation.seed) pairs.push(['sim', 'seed']);
  else if (simulation && Object.keys(simulation).length === 0) pairs.push(['sim', 'none']);
  return pairs;
}

/** Makes text short in the URL's alphabet: by `encode.ts`, apart from here since few links hold so many rows. */
type Pack = (text: string) => string;

/** The scenario as the part of an address after `#`, with what the engine found. */
export function writeLink(scenario: Scenario, stamp: Stamp, pack: Pack): string {
  const [kind, value] = Object.entries(scenario.budget)[0] as [string, number];
  const isDefault = kind === 'kl_per_token' && value === defaults.budget.kl_per_token && scenario.model.kind === 'text';
  const pairs: [string, string][] = [
    ['v', String(version)],
    ...(scenario.title === undefined ? [] : ([['title', encodeURIComponent(scenario.title)]] as [string, string][])),
    ...modelPairs(scenario.model, pack),
    ...(isDefault ? [] : ([[kind, number(value)]] as [string, string][])),
    ...policyPairs(scenario),
    ...simulationPairs(scenario),
    ['e', stamp.engine],
    ['d', `${stamp.digest}~${stamp.best_of_n}~${stamp.kl_rl}`],
  ];
  return `#${pairs.map(([key, text]) => `${key}=${text}`).join('&')}`;
}

export interface Opened {
  scenario: Scenario;
  /** One for each field that could not be read; its default stands in the scenario. */
  problems: TiltLabError[];
  stamp: Stamp | null;
}

class Reader {
  readonly problems: TiltLabError[] = [];
  readonly #values = new Map<string, string>();

  constructor(text: string) {
    for (const part of text.split('&').filter(Boolean)) {
      const at = part.indexOf('=');
      const key = at < 0 ? part : part.slice(0, at);
      const value = at < 0 ? '' : part.slice(at + 1);
      if (!known.includes(key))
        this.refuse(`link.${clip(key)}`, `${quote(value)} is in an unknown field, which is passed over`);
      else if (this.#values.has(key)) this.refuse(`link.${key}`, `${quote(value)} is given a second time`);
      else this.#values.set(key, value);
    }
  }

  refuse(path: string, rule: string) {
    this.problems.push(new TiltLabError('input', `${path}: ${rule}`, path));
  }

  has = (key: string) => this.#values.has(key);
  raw = (key: string) => this.#values.get(key);

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    try {
      return decodeURIComponent(value);
    } catch {
      this.refuse(`link.${key}`, `${quote(value)} is not percent-encoded text`);
      return undefined;
    }
  }

  /** Whatever stands there as a number: the scenario's rules judge it. */
  number(key: string): number | string | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : toNumber(value);
  }

  numbers(key: string): (number | string)[] | undefined {
    return this.raw(key)?.split(',').map(toNumber);
  }

  /** What `check` returns, or the default with a problem noted. */
  attempt<T>(check: () => T, otherwise: T): T {
    try {
      return check();
    } catch (error) {
      this.problems.push(
        error instanceof TiltLabError ? error : new TiltLabError('input', `link: ${String(error)}`, 'link'),
      );
      return otherwise;
    }
  }
}

export const clip = (text: string) =>
  (text.length > 40 ? `${text.slice(0, 40)}…` : text).replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
export const quote = (text: string) => `"${clip(text)}"`;
const toNumber = (text: string) => (/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : clip(text));

/** What `data` holds, or undefined where the link has none. @throws TiltLabError */
function readData<T>(reader: Reader, read: (packed: string) => T): T | undefined {
  const data = reader.raw('data');
  if (data === undefined) return undefined;
  try {
    return read(data);
  } catch (error) {
    throw new TiltLabError(
      'input',
      `link.data: ${quote(data)} cannot be unpacked (${error instanceof Error ? error.message : error})`,
      'link.data',
    );
  }
}

function readContinuous(reader: Reader): unknown {
  const family = reader.raw('family');
  const mirrored = reader.raw('mirrored');
  const names: readonly string[] =
    family !== undefined && Object.hasOwn(families, family) ? families[family as keyof typeof families] : [];
  const table =
    family === 'quantiles'
      ? (readData(reader, (packed) => {
          const { u, r } = JSON.parse(unpack(packed)) as { u: unknown; r: unknown };
          return { u, reward: r };
        }) ?? { u: reader.numbers('u'), reward: reader.numbers('r') })
      : {};
  const given = (entry: [string, unknown]) => entry[1] !== undefined;
  return {
    kind: 'continuous',
    ...(family === undefined ? {} : { family }),
    ...Object.fromEntries(names.map((name): [string, unknown] => [name, reader.number(name)]).filter(given)),
    ...Object.fromEntries(Object.entries(table).filter(given)),
    ...(mirrored === undefined
      ? {}
      : { mirrored: mirrored === 'true' ? true : mirrored === 'false' ? false : mirrored }),
  };
}

function readRows(reader: Reader, label: string): unknown {
  const packed = readData(reader, unpackRows);
  if (packed) return packed;
  const columns = {
    p: reader.numbers('p'),
    reward: reader.numbers('r'),
    gold: reader.numbers('gold'),
    label: reader.raw('labels')?.split(','),
  };
  const length = columns.p?.length ?? 0;
  for (const [name, column] of Object.entries(columns)) {
    if (column && column.length !== length) {
      throw new TiltLabError(
        'input',
        `link.${name}: a list of ${column.length} is not as long as p (${length})`,
        `link.${name}`,
      );
    }
  }
  if (!columns.p || !columns.reward)
    throw new TiltLabError(
      'input',
      `link.${columns.p ? 'r' : 'p'}: nothing is given, the field is required for ${label}`,
      'link',
    );
  return columns.p.map((p, i) => ({
    ...(columns.label ? { label: decodeURIComponent(columns.label[i] ?? '') } : {}),
    p,
    reward: columns.reward?.[i],
    ...(columns.gold ? { gold: columns.gold[i] } : {}),
  }));
}

function readModel(reader: Reader): Model {
  const kind = reader.raw('model') ?? 'text';
  const judged = (model: unknown) => parseScenario({ model, budget: { kl: 0 } }).model;
  const given = reader.number('length');
  // A length that cannot be read costs the length alone, not the table.
  const length =
    given === undefined
      ? defaults.model.length
      : reader.attempt(() => {
          const { model } = parseScenario({ model: { ...defaults.model, length: given }, budget: { kl: 0 } });
          return model.kind === 'text' ? model.length : defaults.model.length;
        }, defaults.model.length);
  return reader.attempt<Model>(() => {
    if (kind === 'finite') return judged({ kind, outcomes: readRows(reader, 'outcomes') });
    if (kind === 'memoryless') return judged({ kind, length, tokens: readRows(reader, 'tokens') });
    if (kind === 'continuous') return judged(readContinuous(reader));
    return judged({ ...defaults.model, kind, length });
  }, defaults.model);
}

function readBudget(reader: Reader, model: Model): Budget {
  const given = budgetKinds.filter((kind) => reader.has(kind));
  const fallback: Budget = 'length' in model ? defaults.budget : { kl: 1 };
  if (given.length === 0) return fallback;
  return reader.attempt(
    () => parseScenario({ model, budget: Object.fromEntries(given.map((kind) => [kind, reader.number(kind)])) }).budget,
    fallback,
  );
}

function readPolicies(reader: Reader): Scenario['policies'] {
  const text = reader.raw('policies');
  if (text === undefined) return undefined;
  const policies = text
    .split(';')
    .filter(Boolean)
    .map((part) => {
      const [kind = '', first = '', second = ''] = part.split(',');
      if (kind === 'soft') return { kind: 'soft_best_of_n', n: toNumber(first), alpha: toNumber(second) };
      return { kind: kind === 'poisson' ? 'best_of_poisson' : clip(kind), mu: toNumber(first) };
    });
  return reader.attempt(
    () => parseScenario({ model: defaults.model, budget: { kl: 0 }, policies }).policies,
    undefined,
  );
}

function readSimulation(reader: Reader): Scenario['simulation'] {
  const stated = reader.raw('sim');
  const seed = reader.number('seed');
  const replicates = reader.number('replicates');
  const method = reader.raw('method');
  const simulation = {
    ...(seed !== undefined && (seed !== defaults.simulation.seed || stated === 'seed') ? { seed } : {}),
    ...(replicates === undefined ? {} : { replicates }),
    ...(method === undefined ? {} : { method }),
  };
  if (Object.keys(simulation).length === 0 && stated === undefined) return undefined;
  return reader.attempt(
    () => parseScenario({ model: defaults.model, budget: { kl: 0 }, simulation }).simulation,
    undefined,
  );
}

function readStamp(reader: Reader): Stamp | null {
  const engine = reader.raw('e');
  const [digest, best_of_n, kl_rl] = reader.raw('d')?.split('~') ?? [];
  if (!engine || !digest || best_of_n === undefined || kl_rl === undefined) return null;
  return { engine: clip(engine), digest: clip(digest), best_of_n: clip(best_of_n), kl_rl: clip(kl_rl) };
}

/** Whether a problem left the scenario as it was written: the link says what it says without the field. */
export const isPassedOver = ({ message }: TiltLabError): boolean => message.endsWith('which is passed over');

/** A link as it was written, after what mail and chat do to one: wholly percent-encoded, or escaped as HTML. */
function mended(link: string): string {
  const plain = link.replaceAll('&amp;', '&');
  if (plain.includes('=') || !/%3D/i.test(plain)) return plain;
  try {
    return decodeURIComponent(plain).replaceAll('&amp;', '&');
  } catch {
    return plain;
  }
}

/** Reads a link, or the part of it after `#`. Never throws: what cannot be read is named in `problems`. */
export function decodeLink(link: string): Opened {
  const whole = mended(link);
  const text = whole.slice(whole.indexOf('#') + 1);
  if (text.length > longestLink) {
    const reader = new Reader('');
    reader.refuse('link', `${text.length} characters are more than ${longestLink}`);
    return {
      scenario: { v: 1, model: defaults.model, budget: defaults.budget },
      problems: reader.problems,
      stamp: null,
    };
  }
  const reader = new Reader(text);
  const written = reader.raw('v');
  if (written !== String(version)) {
    const rule =
      /^\d+$/.test(written ?? '') && Number(written) > version
        ? `is of a later version; this Tilt Lab reads version ${version}`
        : `is not ${version}`;
    reader.refuse('link.v', `${written === undefined ? 'nothing' : quote(written)} ${rule}`);
    return {
      scenario: { v: 1, model: defaults.model, budget: defaults.budget },
      problems: reader.problems,
      stamp: null,
    };
  }
  const given = reader.text('title');
  const title = reader.attempt(
    () =>
      parseScenario({ model: defaults.model, budget: { kl: 0 }, ...(given === undefined ? {} : { title: given }) })
        .title,
    undefined,
  );
  const model = readModel(reader);
  const budget = readBudget(reader, model);
  const policies = readPolicies(reader);
  const simulation = readSimulation(reader);
  const scenario: Scenario = {
    v: 1,
    ...(title === undefined
      ? {}
      : { title: clip(title) === title || title.length <= 200 ? title : title.slice(0, 200) }),
    model,
    budget,
    ...(policies ? { policies } : {}),
    ...(simulation ? { simulation } : {}),
  };
  return { scenario, problems: reader.problems, stamp: readStamp(reader) };
}
