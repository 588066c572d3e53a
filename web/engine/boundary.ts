import { type Drawn, formOf } from '../models/core/transform.js';
import { TiltLabError } from '../scenario/error.js';
import type { Budget } from '../scenario/scenario.js';
import type { CoreBudget, CoreModel, CoreResult } from './module.js';
import { isSame } from './same.js';

/** What the core found. @throws TiltLabError where it refused or failed */
export function unwrap<T>(result: CoreResult<unknown>): T {
  if ('value' in result) return result.value as T;
  const { kind, message, path } = result;
  throw kind === 'numerical' ? numerical(message) : new TiltLabError(kind, message, path);
}

/** What a computation met, under the field that it comes from: the budget, or else the model. */
function numerical(message: string): TiltLabError {
  const [, field = '', rule = message] = /^([a-z][\w.[\]]*): (.*)/.exec(message) ?? [];
  const owner = /^(model|budget|policies|simulation|transform)/.test(field)
    ? field
    : /\b(nats|KL|kl)\b/.test(message)
      ? 'budget'
      : 'model';
  // The library's own words for what it could not allocate.
  const said = /^std::|^vector|^basic_string/.test(message) ? 'takes more memory than there is here' : rule;
  return new TiltLabError('numerical', `${owner}: ${said}`, owner);
}

export function coreBudget(budget: Budget): CoreBudget {
  const [kind, value] = Object.entries(budget)[0] as [CoreBudget['kind'], number];
  return { kind, value };
}

/** What was handed to the core last: what has the same number is not read again. */
let handed: CoreModel = { kind: '', id: 0 };

/** A scenario's model as the core takes it. */
export const coreModel = (drawn: Drawn): CoreModel => {
  const { id } = handed;
  const model = { ...formOf(drawn).core(drawn.model), id };
  if (!isSame(model, handed)) handed = { ...model, id: id + 1 };
  return handed;
};

/** Tokens of a draft of a model that says what its drafts are made of; null of one that has none. */
export function draftLength(drawn: Drawn, core: CoreModel): number | null {
  const { vocabulary, wordTable } = formOf(drawn);
  return vocabulary || wordTable?.(drawn.model) ? Number(core.length) : null;
}

/** How drafts are written whose tokens depend on one another; null of other models. */
export function walkOf(drawn: Drawn): 'words' | 'states' | null {
  const { walks, wordTable } = formOf(drawn);
  if (!walks?.(drawn.model)) return null;
  return wordTable?.(drawn.model) ? 'words' : 'states';
}

/** What its model has, where all that is asked is of such models. @throws TiltLabError by `rule` where it has none */
export function need<T>(found: T | null, kind: string, rule: string): T {
  if (found === null) throw new TiltLabError('input', `model.kind: "${kind}" ${rule}`, 'model.kind');
  return found;
}
