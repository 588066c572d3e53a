import { html, LitElement, type TemplateResult } from 'lit';

/** What a word means, where it is first said. */
const meanings = {
  KL: 'KL divergence: how far a policy has moved from the base model. It is the average, over the policy’s own drafts, of the logarithm of how much likelier each has become; with natural logarithms it is counted in nats. A policy whose drafts are each e = 2.718 times likelier than before has spent one nat.',
  optimum:
    'Of all policies within the budget, the one with the highest expected reward: the best that RL with a KL penalty can reach. It is an exponential tilt: the base’s probability of every draft times exp(α reward), made to sum to 1.',
  VADER:
    'The base model draws words as often as they stand in the book. A word earns its valence in VADER, a lexicon of how glad or sad words sound, from −4 to 4; a word that is not in it earns 0. A draft earns the sum of its words.',
  N: 'How many drafts best-of-N draws: e to the budget, so that log N nats is the most it could ever spend. N need not be whole: 7.39 lies between 7 and 8, by raising the base’s distribution function to that power.',
  alpha:
    'How steeply the tilt weighs reward: it multiplies the base’s probability of a draft by exp(α reward). At α = 0 it is the base.',
  spends:
    'How far its drafts are from the base model, in nats. log N is an allowance: best-of-N never spends more than log N − (N − 1)/N of it, and less where drafts tie.',
  leaves: 'What it earns less than the tilt that spends the whole budget, log N nats.',
  wins: 'How often its draft earns more than a draft of the base, ties counted half.',
} as const;

export type Meaning = keyof typeof meanings;

/** A word with its meaning, opened by tap and by key, closed by Escape and by a tap elsewhere. */
export class TermElement extends LitElement {
  static override properties = { of: {}, said: {}, inRow: { type: Boolean }, isOpen: { state: true } };
  declare of: Meaning;
  declare said: string;
  /** Whether it is reached from its neighbour by arrow keys. */
  declare inRow: boolean;
  declare private isOpen: boolean;
  static #count = 0;
  readonly #id = `term-${++TermElement.#count}`;

  constructor() {
    super();
    this.isOpen = false;
    this.inRow = false;
  }

  protected override createRenderRoot() {
    return this;
  }

  /** Below the word, within the page. */
  #place(event: ToggleEvent) {
    this.isOpen = event.newState === 'open';
    if (!this.isOpen) return;
    const note = event.currentTarget as HTMLElement;
    const word = this.querySelector('.term')?.getBoundingClientRect();
    if (!word) return;
    const room = document.documentElement.clientWidth;
    const width = Math.min(340, room - 24);
    note.style.width = `${width}px`;
    note.style.left = `${Math.max(12, Math.min(word.left, room - width - 12))}px`;
    const above = word.bottom > 0.65 * innerHeight;
    note.style.top = above ? 'auto' : `${word.bottom + 6}px`;
    note.style.bottom = above ? `${innerHeight - word.top + 6}px` : 'auto';
  }

  #toggle() {
    this.querySelector<HTMLElement>('.meaning')?.togglePopover();
  }

  #key(event: KeyboardEvent) {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    this.#toggle();
  }

  override render() {
    // A word of its sentence: a button would not break between lines.
    return html`<span
        class="term"
        role="button"
        data-rove
        tabindex=${this.inRow ? -1 : 0}
        aria-expanded=${this.isOpen}
        aria-controls=${this.#id}
        @click=${this.#toggle}
        @keydown=${this.#key}
        >${this.said}</span
      ><span popover id=${this.#id} class="meaning" role="note" @beforetoggle=${this.#place}>${meanings[this.of]}</span>`;
  }
}

customElements.define('tilt-term', TermElement);

/** @param inRow whether it is one of a row of which only the first is a tab stop */
export const term = (of: Meaning, said: string = of, inRow = false): TemplateResult =>
  html`<tilt-term of=${of} said=${said} ?inRow=${inRow}></tilt-term>`;
