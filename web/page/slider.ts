import { html, LitElement, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import { readNumber } from '../scenario/number.js';
import { Words } from '../session/frames.js';
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

  /** Where a finger came down that may yet turn out to scroll the page. */
  #finger: { x: number; y: number } | null = null;
  /** Whether the last finger scrolled: what the browser made of it on the way is not meant. */
  #scrolled = false;

  #touch({ pointerType, clientX, clientY }: PointerEvent) {
    this.#finger = pointerType === 'touch' ? { x: clientX, y: clientY } : null;
    this.#scrolled = false;
  }

  /** A finger that moves along the slider, or is lifted where it came down, means it. */
  #decide(event: PointerEvent) {
    if (!this.#finger) return;
    const [dx, dy] = [event.clientX - this.#finger.x, event.clientY - this.#finger.y];
    if (event.type !== 'pointerup' && !(Math.abs(dx) > 6 && Math.abs(dx) > Math.abs(dy))) return;
    this.#finger = null;
    this.#slide(event.currentTarget as HTMLInputElement, event.type === 'pointerup');
  }

  /** The page scrolls: the thumb goes back. */
  #letGo() {
    if (!this.#finger) return;
    this.#finger = null;
    this.#scrolled = true;
    this.requestUpdate();
  }

  #slide(range: HTMLInputElement, released: boolean) {
    if (this.#finger) return;
    if (this.#scrolled) this.requestUpdate();
    else this.#emit(this.fromPosition(Number(range.value) / places), released);
  }

  /** Escape gives the value back that was there. */
  #leave(event: KeyboardEvent) {
    if (event.key !== 'Escape') return;
    const field = event.currentTarget as HTMLInputElement;
    field.value = this.text;
    this.refused = '';
    this.querySelector<HTMLInputElement>('input[type=range]')?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    // What was refused is no longer what stands there.
    if (changed.has('value')) this.refused = '';
  }

  #key(event: KeyboardEvent) {
    // A digit typed on the slider, or Enter, goes to the field: one stop for both.
    if (event.key === 'Enter' || /^[\d.,]$/.test(event.key)) {
      const field = this.querySelector<HTMLInputElement>('.typed');
      field?.focus();
      field?.select();
      return;
    }
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
      this.#slide(event.currentTarget as HTMLInputElement, released);
    return html`
      <div class="slider-head">
        <label for=${id}>${this.name}</label>
        <span class="slider-value">
          <input
            class="typed"
            inputmode="decimal"
            autocomplete="off"
            tabindex="-1"
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
        aria-description="Type a number, or press Enter, to set it exactly."
        @keydown=${this.#key}
        @pointerdown=${this.#touch}
        @pointermove=${this.#decide}
        @pointerup=${this.#decide}
        @pointercancel=${this.#letGo}
        @input=${slide(false)}
        @change=${slide(true)}
      />
      ${this.refused ? html`<p class="notice" role="alert">${this.name}: ${this.refused}</p>` : ''}`;
  }
}

customElements.define('tilt-slider', SliderElement);
