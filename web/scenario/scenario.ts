import type { ErrorObject } from 'ajv';
import kinds from '../generated/kinds.js';
import type { Scenario } from '../generated/scenario.js';
import validate from '../generated/validate-scenario.js';
import { TiltLabError } from './error.js';
import { families } from './families.js';

export type {
  ContinuousModel,
  FiniteModel,
  MarkovModel,
  MemorylessModel,
  Model,
  Outcome,
  Scenario,
  TextModel,
  Token,
} from '../generated/scenario.js';
export type Budget = Scenario['budget'];

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
    return scenario.v === undefined ? { v: 1, ...scenario } : scenario;
  }
  const error = validate.errors?.[0];
  throw error ? refusal(error) : new TiltLabError('input', 'scenario: is not valid', '');
}

/** @throws TiltLabError when `text` is no JSON or no scenario */
export function parseScenarioText(text: string): Scenario {
  let data: unknown;
  try {
    data = JSON.parse(text);
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

function refusal(error: ErrorObject): TiltLabError {
  const refuse = (field: string, text: string) => new TiltLabError('input', `${field}: ${text}`, field);
  const field = fieldName(error.instancePath);
  const value = shown(error.data);
  const rule = (error.parentSchema ?? {}) as Record<string, unknown>;
  const list = (x: unknown) => (Array.isArray(x) ? x : Object.keys((x ?? {}) as object)).join(', ');
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params.additionalProperty);
      const found = (error.data as Record<string, unknown>)[name];
      return refuse(
        fieldName(error.instancePath, name),
        `${shown(found)} is in an unknown field; known are ${list(rule.properties)}`,
      );
    }
    case 'required':
      return refuse(
        fieldName(error.instancePath, String(error.params.missingProperty)),
        'nothing is given, the field is required',
      );
    case 'discriminator': {
      const tag = String(error.params.tag);
      const found = (error.data as Record<string, unknown>)[tag];
      return refuse(
        fieldName(error.instancePath, tag),
        `${shown(found)} is not one of ${(tag === 'family' ? Object.keys(families) : field.startsWith('policies') ? kinds.policies : kinds.models).join(', ')}`,
      );
    }
    case 'type':
      return refuse(field, `${value} is not ${typeRule(String(error.params.type))}`);
    case 'enum':
      return refuse(
        field,
        `${value} is not ${(error.params.allowedValues as unknown[]).length > 1 ? 'one of ' : ''}${list(error.params.allowedValues)}`,
      );
    case 'const':
      return refuse(field, `${value} is not ${shown(error.params.allowedValue)}`);
    case 'minimum':
    case 'maximum':
      return refuse(
        field,
        rule.maximum === undefined
          ? `${value} is not a number of at least ${rule.minimum}`
          : `${value} is not in ${rule.minimum === undefined ? `(${rule.exclusiveMinimum}` : `[${rule.minimum}`}, ${rule.maximum}]`,
      );
    case 'minItems':
    case 'maxItems':
      return refuse(field, `${value}, not of ${rule.minItems} to ${rule.maxItems} entries`);
    case 'maxLength':
      return refuse(field, `${value} is longer than ${rule.maxLength} characters`);
    case 'exclusiveMinimum':
      return refuse(field, `${value} is not in (${rule.exclusiveMinimum}, ${rule.maximum}]`);
    case 'minProperties':
    case 'maxProperties': {
      // Of those that are not required anyway.
      const free = (names: object) =>
        Object.keys(names).filter((name) => !list(rule.required).split(', ').includes(name));
      const given = free((error.data ?? {}) as object).join(', ') || 'nothing';
      return refuse(field, `${given} is not exactly one of ${free(rule.properties as object).join(', ')}`);
    }
    default:
      return refuse(field, `${value} ${error.message ?? 'is not valid'}`);
  }
}
