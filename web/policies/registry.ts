import { stated } from '../scenario/number.js';
import type { Scenario } from '../scenario/scenario.js';

/** A policy of the scenario's own, beside best-of-N and KL-RL. */
export type Policy = NonNullable<Scenario['policies']>[number];

/** What a kind of policy is called, and the numbers that make one. */
interface PolicyKind<P> {
  /** In links, before its numbers: `soft,4,1.5`. */
  short: string;
  /** In the order of links and of the core. */
  parameters: readonly string[];
  /** In the core. */
  code: number;
  /** @param written writes a number to so many digits */
  label(policy: P, written: (x: number, digits: number) => string): string;
}

type Row<P> = PolicyKind<P> & { parameters: readonly Exclude<keyof P, 'kind'>[] };

/** Every kind of the schema: one that is missing here does not compile. */
export const policyKinds: { readonly [K in Policy['kind']]: Row<Extract<Policy, { kind: K }>> } = {
  soft_best_of_n: {
    short: 'soft',
    parameters: ['n', 'alpha'],
    code: 0,
    label: ({ n, alpha }, written) => `soft best of ${written(n, 4)}, α ${written(alpha, 3)}`,
  },
  best_of_poisson: {
    short: 'poisson',
    parameters: ['mu'],
    code: 1,
    label: ({ mu }, written) => `best of 1 + Poisson(${written(mu, 4)})`,
  },
};

const kindOf = (policy: Policy): PolicyKind<Policy> => policyKinds[policy.kind];

const numbersOf = (policy: Policy): number[] => {
  const values = policy as unknown as Record<string, number>;
  return kindOf(policy).parameters.map((name) => values[name] as number);
};

export const policyLabel = (policy: Policy, written: (x: number, digits: number) => string): string =>
  kindOf(policy).label(policy, written);

/** `soft,4,1.5;poisson,3` */
export const writePolicies = (policies: readonly Policy[]): string =>
  policies.map((policy) => [kindOf(policy).short, ...numbersOf(policy).map(stated)].join(',')).join(';');

/** A policy by its short name, for the scenario's rules to judge; null where no policy has it. */
export function readPolicy(short: string, values: readonly unknown[]): unknown {
  const [kind, found] = Object.entries(policyKinds).find(([, each]) => each.short === short) ?? [];
  return found ? { kind, ...Object.fromEntries(found.parameters.map((name, i) => [name, values[i]])) } : null;
}

/** Numbers of one policy in the core: its code and two parameters. */
const width = 3;

/** As the core takes them: one after another in one block. */
export const corePolicies = (policies: readonly Policy[]): Float64Array =>
  Float64Array.from(
    policies.flatMap((policy) => {
      const row = [kindOf(policy).code, ...numbersOf(policy)];
      return Array.from({ length: width }, (_, i) => row[i] ?? 0);
    }),
  );
