import { html, type TemplateResult } from 'lit';
import { aChain } from '../../scenario/gallery.js';
import { readNumber } from '../../scenario/number.js';
import { type MarkovModel, parseScenario } from '../../scenario/scenario.js';
import type { Bench, Editing, KindEditor } from './editor.js';
import { inPlace } from './fields.js';
import { kindChoice, messageOf, refusalLine } from './kind-choice.js';

/** What stands in the cells: of each state where it begins, where it goes, and what that earns. */
interface Cells {
  initial: string[];
  transition: string[][];
  /** Of the transition; where all rows are alike, of the state that is entered. */
  reward: string[][];
}

const cellsOf = ({ initial, transition, reward }: MarkovModel): Cells => ({
  initial: initial.map(String),
  transition: transition.map((row) => row.map(String)),
  reward: initial.map((_, i) => initial.map((_, j) => String(rewardOf(reward, i, j)))),
});

const rewardOf = (reward: MarkovModel['reward'], from: number, to: number): number => {
  const row = reward[from];
  return Array.isArray(row) ? (row[to] as number) : (reward[to] as number);
};

const numbersOf = (row: readonly string[]) => row.map(readNumber);

/** Rows that are alike are rewards of states. */
const rewardIn = (rows: readonly (readonly string[])[]): MarkovModel['reward'] => {
  const [first = []] = rows;
  return rows.every((row) => row.join() === first.join()) ? numbersOf(first) : rows.map(numbersOf);
};

const without = <T>(list: readonly T[], k: number): T[] => list.filter((_, i) => i !== k);

/** A chain as two tables: where it goes, and what it earns. */
class ChainEditor implements KindEditor<MarkovModel> {
  readonly saysRefusal = true;
  /** Cells that are not a chain yet. */
  #draft: Cells | null = null;
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  forget() {
    this.#draft = null;
  }

  #refuse(cells: Cells, message: string) {
    this.#draft = cells;
    this.#bench.refusal = inPlace(message);
    void this.#bench.redraw();
  }

  /** Makes the cells the scenario's chain, or keeps them and says what is wrong. */
  #apply(cells: Cells) {
    const bench = this.#bench;
    const { model } = bench.scenario;
    try {
      const scenario = parseScenario({
        ...bench.scenario,
        model: {
          ...model,
          initial: numbersOf(cells.initial),
          transition: cells.transition.map(numbersOf),
          reward: rewardIn(cells.reward),
        },
      });
      this.#draft = null;
      bench.refusal = '';
      void bench.change(scenario).then(() => {
        if (bench.error?.kind === 'input') this.#refuse(cells, bench.error.message);
      });
    } catch (error) {
      this.#refuse(cells, messageOf(error));
    }
  }

  readonly #discard = () => {
    this.#draft = null;
    this.#bench.refusal = '';
    void this.#bench.redraw();
  };

  #add({ initial, transition, reward }: Cells) {
    const states = initial.length;
    this.#apply({
      initial: [...initial, '0'],
      transition: [...transition.map((row) => [...row, '0']), [...initial.map(() => '0'), '1']],
      reward: [...reward.map((row) => [...row, '0']), Array.from({ length: states + 1 }, () => '0')],
    });
  }

  #remove({ initial, transition, reward }: Cells) {
    const last = initial.length - 1;
    this.#apply({
      initial: without(initial, last),
      transition: without(transition, last).map((row) => without(row, last)),
      reward: without(reward, last).map((row) => without(row, last)),
    });
  }

  #cell(value: string, label: string, set: (value: string) => Cells): TemplateResult {
    return html`<td><input inputmode="decimal" aria-label=${label} .value=${value}
      @change=${(event: Event) => this.#apply(set((event.currentTarget as HTMLInputElement).value))}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Escape') (event.currentTarget as HTMLInputElement).value = value;
      }} /></td>`;
  }

  #table(cells: Cells, which: 'transition' | 'reward', title: string, what: string): TemplateResult {
    const set = (i: number, j: number) => (value: string) => ({
      ...cells,
      [which]: cells[which].map((row, k) => (k === i ? row.map((old, l) => (l === j ? value : old)) : row)),
    });
    return html`<table>
      <caption>${title}</caption>
      <thead><tr><th scope="col">from</th>${cells.initial.map((_, j) => html`<th scope="col">to ${j + 1}</th>`)}</tr></thead>
      <tbody>${cells[which].map(
        (row, i) =>
          html`<tr><th scope="row">${i + 1}</th>${row.map((value, j) =>
            this.#cell(value, `${what} from state ${i + 1} to state ${j + 1}`, set(i, j)),
          )}</tr>`,
      )}</tbody>
    </table>`;
  }

  render(model: MarkovModel) {
    const cells = this.#draft ?? cellsOf(model);
    const begin = (j: number) => (value: string) => ({
      ...cells,
      initial: cells.initial.map((old, l) => (l === j ? value : old)),
    });
    return html`${kindChoice(model.kind, this.#bench)}
      <table>
        <caption>Where it begins</caption>
        <thead><tr><td></td>${cells.initial.map((_, j) => html`<th scope="col">in ${j + 1}</th>`)}</tr></thead>
        <tbody><tr><th scope="row">start</th>${cells.initial.map((value, j) =>
          this.#cell(value, `Probability of beginning in state ${j + 1}`, begin(j)),
        )}</tr></tbody>
      </table>
      ${this.#table(cells, 'transition', 'How likely each step is', 'Probability of the step')}
      ${this.#table(cells, 'reward', 'What each step earns', 'Reward of the step')}
      ${refusalLine(this.#bench)}
      <p class="actions">
        <button type="button" class="button" @click=${() => this.#add(cells)}>Add a state</button>
        <button type="button" class="button" aria-disabled=${cells.initial.length < 2}
          @click=${() => cells.initial.length > 1 && this.#remove(cells)}>Remove the last state</button>
        ${this.#draft ? html`<button type="button" class="button" @click=${this.#discard}>Discard</button>` : ''}
      </p>`;
  }
}

export const chainEditing: Editing<MarkovModel> = {
  make: (bench) => new ChainEditor(bench),
  from: ({ title: _, ...rest }) => ({ ...rest, model: aChain.model, budget: aChain.budget }),
};
