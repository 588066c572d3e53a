import { html, type TemplateResult } from 'lit';
import { readNumber } from '../../scenario/number.js';
import { parseScenario, type Scenario, type Transform } from '../../scenario/scenario.js';
import { transforms } from '../../scenario/transforms.js';
import { transformWords, wordsOf } from '../transform-words.js';
import type { Bench } from './editor.js';
import { messageOf } from './kind-choice.js';

const none = 'none';

const textIn = (event: Event) => (event.currentTarget as HTMLInputElement).value;

/** A number where it is one, else the text, for the scenario's rules to refuse. */
const number = (text: string) => (Number.isNaN(readNumber(text)) ? text : readNumber(text));

/** The points of a table, one a line. */
const pointsOf = (transform: Transform) =>
  transform.kind === 'table' ? transform.x.map((x, i) => `${x}\t${transform.y[i]}`).join('\n') : '';

/** The transform with one field set to what was typed. */
function withField(transform: Transform, name: string, typed: string): unknown {
  const { [name]: _, ...rest } = transform as unknown as Record<string, unknown>;
  if (name === 'points') {
    const rows = typed
      .split('\n')
      .filter((line) => line.trim() !== '')
      // A comma separates only where nothing else does: elsewhere it is a decimal one.
      .map((line) => line.trim().split(/[\s;]/.test(line.trim()) ? /,?[\s;]+/ : /,/));
    return { ...transform, x: rows.map(([x = '']) => number(x)), y: rows.map(([, y = '']) => number(y)) };
  }
  return typed.trim() === '' && wordsOf(transform.kind).open ? rest : { ...rest, [name]: number(typed) };
}

/** What a sequence's mean reward is turned into: a kind of transform and its numbers. */
export class TransformEditor {
  /** What was typed into the fields and refused, and why. */
  #typed: Record<string, string> = {};
  #refusal = '';
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  forget() {
    this.#typed = {};
    this.#refusal = '';
  }

  #refuse(typed: Record<string, string>, message: string) {
    this.#typed = { ...this.#typed, ...typed };
    this.#refusal = message.replace(/^transform\.?/, '').replace(/^(\w)/, (letter) => letter.toUpperCase());
    void this.#bench.redraw();
  }

  /** Another transform, or the field's text kept with what is wrong with it. */
  #set(transform: unknown, typed: Record<string, string>) {
    const bench = this.#bench;
    const { transform: _, ...rest } = bench.scenario;
    try {
      const scenario: Scenario = parseScenario(transform === undefined ? rest : { ...rest, transform });
      this.forget();
      void bench.change(scenario).then(() => {
        if (bench.error?.kind === 'input') this.#refuse(typed, bench.error.message);
      });
    } catch (error) {
      this.#refuse(typed, messageOf(error));
    }
  }

  #fields(transform: Transform): TemplateResult {
    const values = transform as unknown as Record<string, number | undefined>;
    const set = (name: string) => (event: Event) =>
      this.#set(withField(transform, name, textIn(event)), { [name]: textIn(event) });
    return html`${transforms[transform.kind].map(
      (name) => html`<label>${name}
        <input inputmode="decimal" aria-label=${name} .value=${this.#typed[name] ?? String(values[name] ?? '')} @change=${set(name)} />
      </label>`,
    )}
    ${
      transform.kind === 'table'
        ? html`<label class="quantiles">One line a point: a mean reward, then its value
            <textarea rows="6" spellcheck="false" .value=${this.#typed.points ?? pointsOf(transform)} @change=${set('points')}></textarea></label>`
        : ''
    }`;
  }

  render({ transform }: Scenario): TemplateResult {
    const choose = (event: Event) => {
      const kind = textIn(event);
      this.forget();
      this.#set(kind === none ? undefined : wordsOf(kind as Transform['kind']).first, {});
    };
    const chosen = transform?.kind ?? none;
    const option = (value: string, name: string) =>
      html`<option value=${value} ?selected=${value === chosen}>${name}</option>`;
    return html`<p class="family transform">
        <label>A mean reward of x is worth
          <select @change=${choose}>
            ${option(none, 'x')}
            ${Object.entries(transformWords).map(([kind, { name }]) => option(kind, name))}
          </select>
        </label>
        ${transform ? this.#fields(transform) : ''}
      </p>
      ${this.#refusal ? html`<p class="notice" role="alert">${this.#refusal}. The figures show the last model that was valid.</p>` : ''}`;
  }
}
