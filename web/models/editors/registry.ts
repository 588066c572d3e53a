import type { Model } from '../../scenario/scenario.js';
import { chainEditing } from './chain.js';
import type { Editing } from './editor.js';
import { lawEditing } from './law.js';
import { promptsEditing } from './prompts.js';
import { outcomesEditing, tokensEditing } from './table.js';
import { textEditing } from './text.js';

/** How every kind of the schema is edited: one that is missing here does not compile. */
export const editings: { readonly [K in Model['kind']]: Editing<Extract<Model, { kind: K }>> } = {
  finite: outcomesEditing,
  memoryless: tokensEditing,
  markov: chainEditing,
  continuous: lawEditing,
  prompts: promptsEditing,
  text: textEditing,
};

export const editingOf = (kind: Model['kind']): Editing<Model> => editings[kind];
