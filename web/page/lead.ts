import { html, type TemplateResult } from 'lit';
import type { Phrase } from '../models/kind.js';
import { kindOf, kindWordsOf } from '../models/registry.js';
import { wordsOf } from '../models/transform-words.js';
import type { Scenario } from '../scenario/scenario.js';
import { chosen } from '../words/format.js';
import { term } from './term.js';

export const title = 'What does a nat of KL buy?';

const marked = (phrase: Phrase) =>
  typeof phrase === 'string'
    ? phrase
    : 'term' in phrase
      ? term(phrase.term, phrase.said)
      : html`<em>${phrase.title}</em>`;

/** Whose rewards are bought. */
export function subjectOf({ model, transform, title }: Scenario): TemplateResult {
  const said = transform && wordsOf(transform.kind).said(transform, chosen, kindOf(model).unit ?? 'token');
  return html`${kindWordsOf(model).subject(model, title).map(marked)}${said ? `, ${said}` : ''}`;
}

/** What the page is about. @param subject "in …." or "on ….": whose rewards are bought */
export const lead = (subject: TemplateResult): TemplateResult =>
  html`<p class="lead">A language model can be aligned by drawing <em>N</em> drafts and keeping the best, or by the
          ${term('optimum', 'optimal policy')} within a budget of ${term('KL', 'KL, in nats')}. Drag the budget: here, exactly, is what
          each one buys ${subject}</p>`;
