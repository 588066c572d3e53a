import type { ErrorObject } from 'ajv';
import kinds from '../generated/kinds.js';
import type { Scenario } from '../generated/scenario.js';
import validate from '../generated/validate-scenario.js';
import { TiltLabError } from './error.js';
import { families } from './families.js';
import { parseJson } from './json.js';
import { transforms } from './transforms.js';

export type * from '../generated/scenario.js';
export type Budget = Scenario['budget'];
export type Transform = NonNullable<Scenario['transform']>;

/**
 * Checks that `data` is a scenario of version 1. Sums of probabilities are the engine's to check.
 * @throws TiltLabError whose message is one line: field, value, rule
 */
export function parseScenario(data: unknown): Scenario {
  if (validate(data)) {
    const scenario = data as Scenario;
    if ('kl_per_token' in scenario.budget && !kinds.sequences.includes(scenario.model.kind)) {
      const field = 'budget.kl_per_token';
      throw new TiltLabError('input', `${field}: ${scenario.budget.kl_per_token} needs a model with a length`, field);
    }
    if (scenario.transform && !kinds.sequences.includes(scenario.model.kind)) {
      const field = 'transform';
      throw new TiltLabError('input', `${field}: ${scenario.transform.kind} needs a model with a length`, field);
    }
    return scenario.v === undefined ? { v: 1, ...scenario } : scenario;
  }
  const error = validate.errors?.[0];
  throw error ? refusal(error) : new TiltLabError('input', 'scenario: is not valid', '');
}

/** @throws TiltLabError when `text` is no JSON or no scenario */
export function parseScenarioText(text: string): Scenario {
  let data: unknown;
  try {
    data = parseJson(text.replace('\ufeff', ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : '';
    throw new TiltLabError('input', `scenario: ${shown(text)} is not JSON (${clipped(reason ?? '')})`, '');
  }
  return parseScenario(data);
}

const longest = 60;
const clipped = (text: string) => {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
};

/** A value as a message quotes it: one short line. */
function shown(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'string') return `"${clipped(value)}"`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** `/model/tokens/1/p` as `model.tokens[1].p`. */
function fieldName(pointer: string, last?: string): string {
  const parts = pointer.split('/').slice(1);
  if (last !== undefined) parts.push(last);
  const name = parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${clipped(part)}`))
    .join('');
  return name.startsWith('.') ? name.slice(1) : name || 'scenario';
}

const typeRule = (type: string) =>
  ({
    boolean: 'true or false',
    number: 'a finite number',
    integer: 'an integer',
    array: 'a list',
    object: 'an object',
    string: 'a text',
  })[type] ?? type;

const list = (x: unknown) => (Array.isArray(x) ? x : Object.keys((x ?? {}) as object)).join(', ');

/** What is wrong, in words, and with the field it is said of where that is not the value's own. */
interface Wrong {
  rule: string;
  field?: string;
}

/** What a rule of the schema found. */
interface Broken {
  error: ErrorObject;
  field: string;
  value: string;
  /** Of the schema, where the rule stands. */
  schema: Record<string, unknown>;
}

const member = ({ error }: Broken, name: string) => ({
  field: fieldName(error.instancePath, name),
  value: shown((error.data as Record<string, unknown>)[name]),
});

function unknownField(broken: Broken): Wrong {
  const { field, value } = member(broken, String(broken.error.params.additionalProperty));
  return { field, rule: `${value} is in an unknown field; known are ${list(broken.schema.properties)}` };
}

function unknownKind(broken: Broken): Wrong {
  const tag = String(broken.error.params.tag);
  const { field, value } = member(broken, tag);
  const owner = broken.field.replace(/\W.*/, '');
  const known =
    tag === 'family' ? Object.keys(families) : { policies: kinds.policies, transform: Object.keys(transforms) }[owner];
  // A prompt's model is of fewer kinds than a scenario's.
  const models = (broken.schema.oneOf as { $ref: string }[]).map(({ $ref }) => $ref?.replace(/.*\//, ''));
  return { field, rule: `${value} is not one of ${(known ?? models).join(', ')}` };
}

function outOfRange({ value, schema: { minimum, exclusiveMinimum, maximum } }: Broken): Wrong {
  if (maximum === undefined) return { rule: `${value} is not a number of at least ${minimum}` };
  const low = minimum === undefined ? `(${exclusiveMinimum}` : `[${minimum}`;
  return { rule: `${value} is not in ${low}, ${maximum}]` };
}

const missingField = (error: ErrorObject, name: string): Wrong => ({
  field: fieldName(error.instancePath, name),
  rule: 'nothing is given, the field is required',
});

/** Of fields that are not required anyway; one that is comes first. */
function notOne({ error, schema }: Broken): Wrong {
  const data = (error.data ?? {}) as object;
  const required = list(schema.required).split(', ');
  const absent = required.find((name) => name && !(name in data));
  if (absent) return missingField(error, absent);
  const free = (names: object) => Object.keys(names).filter((name) => !required.includes(name));
  const given = free(data).join(', ') || 'nothing';
  return { rule: `${given} is not exactly one of ${free(schema.properties as object).join(', ')}` };
}

const items = ({ value, schema }: Broken): Wrong => ({
  rule: `${value}, not of ${schema.minItems ?? 0} to ${schema.maxItems} entries`,
});

/** How each keyword of the schema is said. */
const wrongs: Record<string, (broken: Broken) => Wrong> = {
  additionalProperties: unknownField,
  required: ({ error }) => missingField(error, String(error.params.missingProperty)),
  discriminator: unknownKind,
  type: ({ error, value }) => ({ rule: `${value} is not ${typeRule(String(error.params.type))}` }),
  enum({ error, value }) {
    const allowed = error.params.allowedValues as unknown[];
    return { rule: `${value} is not ${allowed.length > 1 ? 'one of ' : ''}${list(allowed)}` };
  },
  const: ({ error, value }) => ({ rule: `${value} is not ${shown(error.params.allowedValue)}` }),
  minimum: outOfRange,
  maximum: outOfRange,
  exclusiveMinimum: outOfRange,
  minItems: items,
  maxItems: items,
  maxLength: ({ value, schema }) => ({ rule: `${value} is longer than ${schema.maxLength} characters` }),
  minProperties: notOne,
  maxProperties: notOne,
};

function refusal(error: ErrorObject): TiltLabError {
  const broken: Broken = {
    error,
    field: fieldName(error.instancePath),
    value: shown(error.data),
    schema: (error.parentSchema ?? {}) as Record<string, unknown>,
  };
  const { rule, field = broken.field } = wrongs[error.keyword]?.(broken) ?? {
    rule: `${broken.value} ${error.message ?? 'is not valid'}`,
  };
  return new TiltLabError('input', `${field}: ${rule}`, field);
}
