import { html, LitElement, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { cumulants } from '../figures/cumulants.js';
import { directions } from '../figures/directions.js';
import { divergence } from '../figures/divergence.js';
import { dual } from '../figures/dual.js';
import type { Figure } from '../figures/figure.js';
import { fixed } from '../figures/fixed.js';
import { describe, near } from '../figures/near.js';
import { rates } from '../figures/rates.js';
import { renyi } from '../figures/renyi.js';
import { simplex } from '../figures/simplex.js';
import { spending } from '../figures/spending.js';
import { tangent } from '../figures/tangent.js';
import formulas from '../generated/formulas.js';
import { type Change, controls } from './controls.js';
import { chosen, number } from './format.js';
import { Words } from './frames.js';
import type { Shown } from './shown.js';
import { Sight } from './sight.js';
import { store } from './store.js';
import './figure-element.js';
import './slider.js';

const formula = (name: keyof typeof formulas) => html`<div class="formula">${unsafeHTML(formulas[name])}</div>`;

/** A statement: what it says, its formula, and the figures that show it. */
interface Section {
  id: string;
  title: string;
  text(shown: Shown): TemplateResult | string;
  formulas: (keyof typeof formulas)[];
  figures: Figure[];
  /** Whether it speaks of sequences. */
  sequences?: boolean;
  /** What the reader may change beside the budget, and what is said of it. */
  own?: { controls(): TemplateResult; note(shown: Shown): TemplateResult | '' };
}

/** The words of a section that follow the numbers. */
interface Said {
  text: TemplateResult | string;
  note: TemplateResult | '';
}

const bendRange = 1.5;

function ownPolicy(): TemplateResult {
  const { tilt, bend } = store.near;
  const slider = (name: string, value: number, set: (value: number, released: boolean) => void) => html`<tilt-slider
      name=${name}
      .unit=${''}
      .value=${value}
      .text=${chosen(value, 3)}
      .spoken=${chosen(value, 3)}
      .position=${(value / bendRange + 1) / 2}
      .fromPosition=${(position: number) => Number(((2 * position - 1) * bendRange).toFixed(2))}
      rule="a number from −1.5 to 1.5"
      .accepts=${(v: number) => Math.abs(v) <= bendRange}
      @value=${({ detail }: CustomEvent<Change>) => set(detail.value, detail.released)}
    ></tilt-slider>`;
  return html`${slider('Tilt yours', tilt, (value, released) => store.setNear({ tilt: value, bend }, released))}
    ${slider('Bend yours', bend, (value, released) => store.setNear({ tilt, bend: value }, released))}`;
}

const ownNote = ({ view: { near: own } }: Shown): TemplateResult | '' =>
  own
    ? html`Your policy is the optimum times exp(tilt z + bend z²/(1 + z²)), z the reward in standard deviations of the base. Yours: ${describe(own, 0)}.`
    : '';

const sections: Section[] = [
  {
    id: 'tilt',
    title: 'The optimum is a tilt',
    text: () =>
      'Multiply the base probability of each outcome by exp(α reward) and normalise. Exactly one α spends the budget, and no policy within it earns more.',
    formulas: ['tilt', 'root', 'dual'],
    figures: [spending, dual, tangent],
  },
  {
    id: 'near',
    title: 'Whoever is as good must be close',
    text: () =>
      'A policy’s KL to the optimum is what it overspends plus α times what it earns short. So every policy that matches the trade-off, whatever made it, is nearly the tilt.',
    formulas: ['near', 'bound'],
    figures: [near],
    own: { controls: ownPolicy, note: ownNote },
  },
  {
    id: 'equivalence',
    title: 'Long texts make them equal, in one direction',
    text: () =>
      'With N growing like e to the budget, best-of-N’s KL to the tilt vanishes per token. The tilt’s KL to best-of-N explodes, and a fixed N never catches up.',
    formulas: ['equivalence', 'sharp', 'directions'],
    figures: [divergence, directions, fixed],
    sequences: true,
  },
  {
    id: 'rates',
    title: 'How rare is rare',
    text: () =>
      'The probability of a reward per token far from the mean falls exponentially with the length, at a rate that tells the three policies apart. Where best-of-N’s curve ends on the left, its probability falls doubly exponentially.',
    formulas: ['rates', 'tiltRate', 'bestRate'],
    figures: [rates],
  },
  {
    id: 'moments',
    title: 'Cumulants and Rényi cross entropies',
    text: ({ view }) => {
      const renyiOf = view.statements.renyi;
      const checks =
        renyiOf && renyiOf.kl_reverse !== null && renyiOf.jeffreys !== null
          ? html` By value: KL(φ‖p) = ${number(renyiOf.kl_forward, 4)} ≥ 0, KL(p‖φ) = ${number(renyiOf.kl_reverse, 4)} ≥ 0.`
          : '';
      return html`All moments of the reward under the tilt are those of the base, seen from α. Each is a Rényi cross entropy of the base to the model q that the reward itself defines.${checks}`;
    },
    formulas: ['cumulants', 'bestCumulants', 'renyi'],
    figures: [cumulants, renyi],
  },
];

/** The statements of the paper, each with its formula and its live figures, on the scenario at hand. */
export class StoryElement extends LitElement {
  static override properties = { shown: { attribute: false } };
  declare shown: Shown | null;
  readonly #sight = new Sight(
    () => this.requestUpdate(),
    () => {
      this.requestUpdate();
      this.performUpdate();
    },
  );

  readonly #parts = sections.map((section) => ({ section, words: new Words<Said>(() => this.requestUpdate()) }));

  constructor() {
    super();
    this.shown = null;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#sight.start();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#sight.stop();
    for (const { words } of this.#parts) words.stop();
  }

  protected override updated() {
    for (const { id } of sections) this.#sight.watch(this, `#${id}`);
    this.#sight.watch(this, '.dock');
  }

  protected override createRenderRoot() {
    return this;
  }

  #section(section: Section, words: Words<Said>, shown: Shown) {
    const { own } = section;
    const alone = section.figures.length === 1 && !own;
    const figures = section.id === 'tilt' && hasThreeLevels(shown) ? [...section.figures, simplex] : section.figures;
    const { text, note } = words.say(() => ({ text: section.text(shown), note: own?.note(shown) ?? '' }));
    return html`<section class="statement ${alone ? 'beside' : ''}" id=${section.id} aria-labelledby="${section.id}-title">
      <div class="words">
        <h2 id="${section.id}-title">${section.title}</h2>
        <p>${text}</p>
        <div class="formulas">${section.formulas.map(formula)}</div>
      </div>
      <div class="figures figures-${figures.length}">
        ${figures.map((figure) => html`<tilt-figure .figure=${figure} .shown=${shown}></tilt-figure>`)}
        ${own && note ? html`<div class="controls own">${own.controls()}<p class="hint">${note}</p></div>` : ''}
      </div>
    </section>`;
  }

  override render() {
    const { shown } = this;
    if (!shown || shown.scenario.model.kind === 'continuous') return html``;
    const each = shown.unit ?? 'draw';
    return html`<p class="hint letters">In the formulas below p is the base model, φ the optimal tilt and π<sub>N</sub> best-of-N; r is the reward of one ${each}${
      shown.unit ? html`, S of all n` : ''
    }, δ the KL budget${shown.unit ? ` a ${each}` : ''}, α the inverse temperature, Λ the logarithm of the base’s moment generating function, ρ what the tilt earns${
      shown.unit ? ` a ${each}` : ''
    }, ω any policy.</p>
      ${this.#parts
        .filter(({ section }) => !section.sequences || shown.unit !== null)
        .map(({ section, words }) => this.#sight.render(`#${section.id}`, () => this.#section(section, words, shown)))}
      <div class="dock" role="group" aria-label="Budget and length">${this.#sight.render('.dock', () => controls(shown))}</div>`;
  }
}

function hasThreeLevels({ scenario: { model } }: Shown): boolean {
  const rows = model.kind === 'finite' ? model.outcomes : model.kind === 'memoryless' ? model.tokens : [];
  return rows.length === 3 && new Set(rows.filter(({ p }) => p > 0).map(({ reward }) => reward)).size === 3;
}

customElements.define('tilt-story', StoryElement);
