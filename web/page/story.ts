import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { captionOf } from '../figures/claims.js';
import formulas from '../generated/formulas.js';
import { isChain } from '../models/transform.js';
import { Words } from '../session/frames.js';
import type { Session } from '../session/session.js';
import { chosen } from '../words/format.js';
import { raised } from '../words/raised.js';
import type { Shown } from '../words/shown.js';
import { type Change, controls } from './controls.js';
import { figuresOf, formulasOf, type Section, sections, sectionsOf, tablesOf } from './sections.js';
import { Sight } from './sight.js';
import './figure-element.js';
import './slider.js';
import './table-element.js';

const formula = (name: keyof typeof formulas) => html`<div class="formula">${unsafeHTML(formulas[name])}</div>`;

/** The words of a section that follow the numbers. */
interface Said {
  title: string;
  text: string;
  note: TemplateResult | '';
}

const bendRange = 1.5;

function ownPolicy(session: Session): TemplateResult {
  const { tilt, bend } = session.near;
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
  return html`${slider('Tilt yours', tilt, (value, released) => session.setNear({ tilt: value, bend }, released))}
    ${slider('Bend yours', bend, (value, released) => session.setNear({ tilt, bend: value }, released))}`;
}

/** The statements of the paper, each with its formula and its live figures, on the scenario at hand. */
export class StoryElement extends LitElement {
  static override properties = { shown: { attribute: false }, docked: { attribute: false } };
  declare session: Session;
  declare shown: Shown | null;
  /** Whether the controls stand below the statements. */
  declare docked: boolean;
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
    this.docked = true;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#sight.start();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#fit.disconnect();
    this.#sight.stop();
    for (const { words } of this.#parts) words.stop();
  }

  /** A formula that is wider than its place can be scrolled by keys too, and fades where it goes on. */
  readonly #fit = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth + 1;
      target.toggleAttribute('data-scrolls', scrolls);
      for (const [name, value] of Object.entries({ tabindex: '0', role: 'group', 'aria-label': 'Formula' }))
        if (scrolls) target.setAttribute(name, value);
        else target.removeAttribute(name);
    }
  });

  protected override updated() {
    // Each once: whoever observes anew is called anew, and this runs at every step of a drag.
    for (const each of this.querySelectorAll('.formula:not([data-fitted])')) {
      each.toggleAttribute('data-fitted', true);
      this.#fit.observe(each);
    }
    for (const { id } of sections) this.#sight.watch(this, `#${id}`);
    this.#sight.watch(this, '.dock');
  }

  protected override createRenderRoot() {
    return this;
  }

  // Each section, figure and table has its place, which is empty where the model has none of it: nothing is moved, and
  // nothing left behind (lit-html 3.3 keeps a comment for whatever `repeat` takes out).
  #section(section: Section, words: Words<Said>, shown: Shown, room: number | null) {
    const isOwn = section.note !== undefined;
    const figures = figuresOf(section, shown);
    const tables = tablesOf(section, shown);
    const speak = (): Said => {
      const { claim, rest } = captionOf({ claims: section.says }, shown);
      return { title: claim, text: rest, note: section.note?.(shown) ?? '' };
    };
    const { title, text, note } =
      room === null ? words.say(speak) : { title: speak().title, text: '', note: '' as const };
    return html`<section
      class="statement ${figures.length === 1 && !isOwn ? 'beside' : ''}"
      id=${section.id}
      aria-labelledby="${section.id}-title"
      style=${room === null ? nothing : `min-height:${room}px`}
    >
      <div class="words">
        <h2 id="${section.id}-title">${title}</h2>
        <p>${raised(text)}</p>
        <div class="formulas">${formulasOf(section, shown).map(formula)}</div>
      </div>
      ${
        figures.length === 0
          ? ''
          : html`<div class="figures figures-${Math.min(3, figures.length)}">
        ${section.figures.map((figure) =>
          figures.includes(figure)
            ? html`<tilt-figure .session=${this.session} .figure=${figure} .shown=${shown}></tilt-figure>`
            : nothing,
        )}
        ${isOwn && note ? html`<div class="controls own">${ownPolicy(this.session)}<p class="hint">${note}</p></div>` : ''}
      </div>`
      }
      ${section.tables?.map((table) =>
        tables.includes(table)
          ? html`<tilt-table .session=${this.session} .table=${table} .shown=${shown}></tilt-table>`
          : nothing,
      )}
    </section>`;
  }

  override render() {
    const { shown } = this;
    const told = shown ? sectionsOf(shown) : [];
    if (!shown || told.length === 0) return html``;
    const each = shown.unit ?? 'draw';
    const letters =
      shown.scenario.transform === undefined
        ? html`<p class="hint letters">In the formulas below p is the base model, φ the optimal tilt and π<sub>N</sub> best-of-N; r is the reward of one ${each}${
            shown.unit ? html`, S of all n` : ''
          }, δ the KL budget${shown.unit ? ` a ${each}` : ''}, α the inverse temperature, Λ the logarithm of the base’s moment generating function${
            isChain(shown)
              ? ` of S per ${each}${shown.view.report.limits ? ', or its limit for long sequences' : ''}`
              : ''
          }, ρ what the tilt earns${shown.unit ? ` a ${each}` : ''}, ω any policy.</p>`
        : html`<p class="hint letters">In the formulas below f is the transform, r = n f(S/n) the reward of all n ${each}s, I the rate of their mean reward under the base model, φ the optimal tilt, π<sub>N</sub> best-of-N and δ the KL budget a ${each}; conv J is the largest convex function below J.</p>`;
    const hasFormulas = told.some((section) => formulasOf(section, shown).length > 0);
    return html`${hasFormulas ? letters : ''}
      ${this.#parts.map(({ section, words }) =>
        told.includes(section)
          ? this.#sight.render(`#${section.id}`, shown.scenario, (room) => this.#section(section, words, shown, room))
          : nothing,
      )}
      ${
        this.docked
          ? html`<div class="dock" role="group" aria-label="Budget and length">${this.#sight.render(
              '.dock',
              shown.view,
              (room) => (room === null ? controls(this.session, shown) : html`<div style="height:${room}px"></div>`),
            )}</div>`
          : ''
      }`;
  }
}

customElements.define('tilt-story', StoryElement);
