import { html, LitElement, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import { readNumber } from '../scenario/number.js';
import { Words } from './frames.js';
import { byKey, places } from './stepped.js';

/**
 * A named slider with its value in words, and a field for any value that it cannot be dragged to. Positions run from 0
 * to 1; what they mean is the owner's affair.
 */
export class SliderElement extends LitElement {
  static override properties = {
    name: {},
    unit: {},
    value: { attribute: false },
    position: { attribute: false },
    text: { attribute: false },
    spoken: { attribute: false },
    rule: {},
    refused: { state: true },
  };
  declare name: string;
  declare unit: string;
  declare value: number;
  /** Where the thumb stands, from 0 to 1. */
  declare position: number;
  declare text: string;
  declare spoken: string;
  /** What a typed value must be, in words. */
  declare rule: string;
  /** Set anew with every rendering of the owner, which is no reason for one of the slider. */
  accepts: (value: number) => boolean = () => true;
  fromPosition: (position: number) => number = (position) => position;
  declare private refused: string;
  static #count = 0;
  readonly #id = `slider-${++SliderElement.#count}`;
  readonly #words = new Words<{ text: string; unit: string; spoken: string }>(() => this.requestUpdate());

  constructor() {
    super();
    this.position = 0;
    this.refused = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#words.stop();
  }

  #emit(value: number, released: boolean, byKey = false) {
    this.dispatchEvent(new CustomEvent('value', { detail: { value, released, byKey } }));
    // The field and the thumb say what came of it, also where that is what was there before.
    if (released) this.requestUpdate();
  }

  #type(event: Event) {
    const field = event.currentTarget as HTMLInputElement;
    const value = readNumber(field.value);
    if (this.accepts(value)) {
      this.refused = '';
      this.#emit(value, true);
    } else {
      this.refused = `${field.value.trim() || 'nothing'} is not ${this.rule}`;
    }
  }

  /** Escape gives the value back that was there. */
  #leave(event: KeyboardEvent) {
    if (event.key !== 'Escape') return;
    const field = event.currentTarget as HTMLInputElement;
    field.value = this.text;
    this.refused = '';
    field.select();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    // What was refused is no longer what stands there.
    if (changed.has('value')) this.refused = '';
  }

  #key(event: KeyboardEvent) {
    const next = byKey(event.key, this);
    if (next === null && !event.key.startsWith('Arrow')) return;
    event.preventDefault();
    if (next !== null) this.#emit(next, true, true);
  }

  override render() {
    const id = this.#id;
    const position = Math.min(1, Math.max(0, this.position));
    const { text, unit, spoken } = this.#words.say(() => ({ text: this.text, unit: this.unit, spoken: this.spoken }));
    const slide = (released: boolean) => (event: Event) =>
      this.#emit(this.fromPosition(Number((event.currentTarget as HTMLInputElement).value) / places), released);
    return html`
      <div class="slider-head">
        <label for=${id}>${this.name}</label>
        <span class="slider-value">
          <input
            class="typed"
            inputmode="decimal"
            autocomplete="off"
            size=${Math.max(3, text.length)}
            aria-label="${this.name}, ${unit}"
            .value=${live(text)}
            @change=${this.#type}
            @keydown=${this.#leave}
          />${unit}</span>
      </div>
      <input
        id=${id}
        type="range"
        min="0"
        max=${places}
        step="1"
        style="--filled:${100 * position}%"
        .value=${live(String(Math.round(position * places)))}
        aria-valuetext=${spoken}
        @keydown=${this.#key}
        @input=${slide(false)}
        @change=${slide(true)}
      />
      ${this.refused ? html`<p class="notice" role="alert">${this.name}: ${this.refused}</p>` : ''}`;
  }
}

customElements.define('tilt-slider', SliderElement);
