import { stated } from '../scenario/number.js';
import type { Scenario, Transform } from '../scenario/scenario.js';
import { parametersOf, transforms } from '../scenario/transforms.js';
import type { LinkFields, ModelKind, Pair } from './kind.js';
import { kindOf } from './registry.js';
import { list } from './table.js';

/** `step,0.6,1`, `clip,,0.6`; a table as `table,x,...;y,...`. */
export const writeTransform = (transform: Transform): Pair => [
  'transform',
  transform.kind === 'table'
    ? `${transform.kind},${list(transform.x)};${list(transform.y)}`
    : [transform.kind, ...parametersOf(transform).map((x) => (x === undefined ? '' : stated(x)))].join(','),
];

/** What a link says, for the scenario's rules to judge; undefined where it says nothing. */
export function readTransform(link: LinkFields): unknown {
  const rows = link.matrix('transform');
  if (!rows) return undefined;
  const [[kind, ...numbers] = [], ...more] = rows;
  if (typeof kind !== 'string' || !Object.hasOwn(transforms, kind)) return { kind };
  if (kind === 'table') return { kind, x: numbers, y: more.flat() };
  const parameters = transforms[kind as Transform['kind']];
  const given = parameters.map((name, i): [string, unknown] => [name, numbers[i]]);
  // One number too many is in a field that no rule knows.
  const rest = numbers.slice(parameters.length).map((x): [string, unknown] => ['further', x]);
  // A clip may be open at one end.
  const isGiven = ([, x]: [string, unknown]) => x !== undefined && !(kind === 'clip' && x === '');
  return { kind, ...Object.fromEntries([...given, ...rest].filter(isGiven)) };
}

/** Whether a scenario's draws are ways through a chain, whose reward is the sum along them. */
export const isChain = ({ scenario }: { scenario: Pick<Scenario, 'model' | 'transform'> }): boolean =>
  !!featuresOf(scenario).states?.(scenario.model);

/**
 * What a scenario's draws have. Of a transform's the tokens say nothing: a policy weighs whole sequences by their
 * values, and no token by itself. Sums of sequences as long as its slider reaches are listed.
 */
export function featuresOf({ model, transform }: Pick<Scenario, 'model' | 'transform'>): ModelKind<Scenario['model']> {
  const kind = kindOf(model);
  if (!transform) return kind;
  const { rows: _rows, hasTokens: _tokens, hasDrafts: _drafts, states: _states, ...rest } = kind;
  return { ...rest, longest: 400 };
}
