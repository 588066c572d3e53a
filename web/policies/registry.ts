import { stated } from '../scenario/number.js';
import type { Scenario } from '../scenario/scenario.js';

/** A policy of the scenario's own, beside best-of-N and KL-RL. */
export type Policy = NonNullable<Scenario['policies']>[number];

type Written = (x: number, digits: number) => string;

/** What a kind of policy is called, and the numbers that make one. */
interface PolicyKind<P> {
  /** In links, before its numbers: `soft,4,1.5`. */
  short: string;
  /** In the order of links. */
  parameters: readonly string[];
  /** Whether the last parameter may be left to be found from a KL. */
  byKl: boolean;
  /** What it is called whatever its numbers, and the sign of its last parameter. */
  name: string;
  sign: string;
  /** @param written writes a number to so many digits */
  label(policy: P, written: Written): string;
}

type Row<P> = PolicyKind<P> & { parameters: readonly Exclude<keyof P, 'kind' | 'kl'>[] };

/** A parameter in words, or the KL that it is found from. */
const of = (written: Written, parameter: number | undefined, kl: number | undefined, say: (x: string) => string) =>
  parameter !== undefined ? say(written(parameter, 4)) : ` of KL ${written(kl ?? 0, 3)}`;

/** Every kind of the schema: one that is missing here does not compile. */
export const policyKinds: { readonly [K in Policy['kind']]: Row<Extract<Policy, { kind: K }>> } = {
  soft_best_of_n: {
    short: 'soft',
    parameters: ['n', 'alpha'],
    byKl: false,
    name: 'soft best-of-n',
    sign: 'α',
    label: ({ n, alpha }, written) => `soft best of ${written(n, 4)}, α ${written(alpha, 3)}`,
  },
  best_of_poisson: {
    short: 'poisson',
    parameters: ['mu'],
    byKl: true,
    name: 'best of 1 + Poisson',
    sign: 'μ',
    label: ({ mu, kl }, written) => `best of 1 + Poisson${of(written, mu, kl, (x) => `(${x})`)}`,
  },
  win_rate_tilt: {
    short: 'winrate',
    parameters: ['c'],
    byKl: true,
    name: 'win-rate tilt',
    sign: 'c',
    label: ({ c, kl }, written) => `win-rate tilt${of(written, c, kl, (x) => `, c ${x}`)}`,
  },
  top_quantile: {
    short: 'top',
    parameters: ['tau'],
    byKl: true,
    name: 'top quantile',
    sign: 'τ',
    label: ({ tau, kl }, written) => `top quantile${of(written, tau, kl, (x) => `, τ ${x}`)}`,
  },
  chi_squared: {
    short: 'chi',
    parameters: ['beta'],
    byKl: true,
    name: 'χ² pessimism',
    sign: 'β',
    label: ({ beta, kl }, written) => `χ² pessimism${of(written, beta, kl, (x) => `, β ${x}`)}`,
  },
  mixture: {
    short: 'mix',
    parameters: ['n', 'weight'],
    byKl: false,
    name: 'mixture with the base',
    sign: 'weight',
    label: ({ n, weight }, written) => `best of ${written(n, 4)} with probability ${written(weight, 3)}`,
  },
  index_best_of_n: {
    short: 'index',
    parameters: ['n'],
    byKl: true,
    name: 'best-of-n, ties to the first',
    sign: 'n',
    label: ({ n, kl }, written) =>
      `best of ${n === undefined ? 'n' : ''}${of(written, n, kl, (x) => x)}, ties to the first`,
  },
  block_best_of_n: {
    short: 'block',
    parameters: ['block', 'n'],
    byKl: true,
    name: 'best-of-n by blocks of one',
    sign: 'n',
    label: ({ block, n, kl }, written) =>
      `best of ${n === undefined ? 'n' : ''}${of(written, n, kl, (x) => x)} by blocks of ${written(block, 4)}`,
  },
};

const kindOf = (policy: Policy): PolicyKind<Policy> => policyKinds[policy.kind];

/** The name and the sign of a kind that the engine names. */
export const namedKind = (kind: string): { name: string; sign: string } | null =>
  Object.hasOwn(policyKinds, kind) ? policyKinds[kind as Policy['kind']] : null;

const klMark = 'kl';

/** As a link has them: `top,.1`, or `top,kl,2` where a KL stands for the last. */
const partsOf = (policy: Policy): string[] => {
  const values = policy as unknown as Record<string, number | undefined>;
  return kindOf(policy).parameters.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [klMark, stated(values.kl as number)] : [stated(value)];
  });
};

export const policyLabel = (policy: Policy, written: Written): string => kindOf(policy).label(policy, written);

/** `soft,4,1.5;poisson,3` */
export const writePolicies = (policies: readonly Policy[]): string =>
  policies.map((policy) => [kindOf(policy).short, ...partsOf(policy)].join(',')).join(';');

/** A policy by its short name, for the scenario's rules to judge; null where no policy has it. */
export function readPolicy(short: string, values: readonly unknown[]): unknown {
  const [kind, found] = Object.entries(policyKinds).find(([, each]) => each.short === short) ?? [];
  if (!found) return null;
  const own: readonly string[] = found.parameters;
  return {
    kind,
    ...Object.fromEntries(
      own.map((name, i) => (found.byKl && values[i] === klMark ? [klMark, values[i + 1]] : [name, values[i]])),
    ),
  };
}
