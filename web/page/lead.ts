import { html, type TemplateResult } from 'lit';
import { term } from './term.js';

export const title = 'What does a nat of KL buy?';

/** The default's. */
export const onMobyDick = (): TemplateResult =>
  html`on ${term('Moby-Dick', 'the words of Moby-Dick')}, rewarded for ${term('VADER', 'sounding glad')}`;

/** What the page is about. @param subject "in …." or "on ….": whose rewards are bought */
export const lead = (subject: TemplateResult): TemplateResult =>
  html`<p class="lead">A language model can be aligned by drawing <em>N</em> drafts and keeping the best, or by the
          ${term('optimum', 'optimal policy')} within a budget of ${term('KL', 'KL, in nats')}. Drag the budget: here, exactly, is what
          each one buys ${subject}</p>`;
