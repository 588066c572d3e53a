import { html } from 'lit';
import { TiltLabError } from '../../scenario/error.js';
import { readNumber } from '../../scenario/number.js';
import { type FiniteModel, type MemorylessModel, parseScenario, type Scenario } from '../../scenario/scenario.js';
import type { Bench, Editing, KindEditor } from './editor.js';
import { inPlace } from './fields.js';
import { kindChoice, messageOf, refusalLine } from './kind-choice.js';
import {
  areGolden,
  faultOf,
  isTable,
  modelOf,
  pasted,
  type Row,
  rowsOf,
  summingToOne,
  type TableModel,
  withGold,
  withoutGold,
  withProbability,
} from './rows.js';
import { three, threeTokens } from './starts.js';

/** More rows than these are not shown: they are edited in the file. */
const mostRows = 200;

/** The model as a table: typed, pasted, dragged. */
class TableEditor implements KindEditor<TableModel> {
  readonly saysRefusal = true;
  /** Rows that are not a model yet; null while the table is the scenario's. */
  #draft: Row[] | null = null;
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  forget() {
    this.#draft = null;
  }

  /** Makes rows the scenario's model, or keeps them as a draft and says what is wrong. */
  #apply(rows: Row[], released = true) {
    const bench = this.#bench;
    const { model } = bench.scenario;
    if (!isTable(model)) return;
    try {
      const fault = faultOf(rows);
      if (fault) throw new TiltLabError('input', fault, 'model');
      const scenario = parseScenario({ ...bench.scenario, model: modelOf(rows, model) });
      const sum = rows.reduce((total, row) => total + readNumber(row.p), 0);
      if (!model.normalise && Math.abs(sum - 1) > 1e-6)
        throw new TiltLabError('input', `p: the probabilities sum to ${Number(sum.toPrecision(7))}, not to 1`, 'p');
      this.#draft = null;
      bench.refusal = '';
      void bench.change(scenario, released);
    } catch (error) {
      this.#draft = rows;
      bench.refusal = inPlace(messageOf(error));
      void bench.redraw();
    }
  }

  readonly #paste = (event: ClipboardEvent) => {
    const rows = pasted(event.clipboardData?.getData('text') ?? '');
    if (!rows) return;
    event.preventDefault();
    this.#apply(rows);
  };

  /** The next row's button takes the focus of one that goes. */
  async #remove(rows: Row[], i: number) {
    this.#apply(rows.filter((_, k) => k !== i));
    await this.#bench.redraw();
    const left = this.#bench.find('tbody .quiet');
    left[Math.min(i, left.length - 1)]?.focus();
  }

  readonly #discard = async () => {
    this.#draft = null;
    this.#bench.refusal = '';
    await this.#bench.redraw();
    this.#bench.find('tbody input')[0]?.focus();
  };

  #row(rows: Row[], row: Row, i: number) {
    const set = (field: 'label' | 'p' | 'reward' | 'gold') => (event: Event) => {
      const { value } = event.currentTarget as HTMLInputElement;
      this.#apply(rows.map((old, k) => (k === i ? { ...old, [field]: value } : old)));
    };
    /** Escape gives the cell back what it held. */
    const back = (value: string) => (event: KeyboardEvent) => {
      if (event.key === 'Escape') (event.currentTarget as HTMLInputElement).value = value;
    };
    const slide = (released: boolean) => (event: Event) => {
      const moved = withProbability(rows, i, Number((event.currentTarget as HTMLInputElement).value) / 1000);
      if (moved) this.#apply(moved, released);
    };
    const name = row.label || `row ${i + 1}`;
    return html`<tr>
      <td><input aria-label="Label of ${name}" .value=${row.label} @change=${set('label')} @keydown=${back(row.label)} /></td>
      <td><input inputmode="decimal" aria-label="Probability of ${name}" .value=${row.p} @change=${set('p')} @keydown=${back(row.p)} /></td>
      <td><input inputmode="decimal" aria-label="Reward of ${name}" .value=${row.reward} @change=${set('reward')} @keydown=${back(row.reward)} /></td>
      ${row.gold === undefined ? '' : html`<td><input inputmode="decimal" aria-label="Gold reward of ${name}" .value=${row.gold} @change=${set('gold')} @keydown=${back(row.gold)} /></td>`}
      <td class="bar"><input type="range" min="0" max="999" aria-label="Drag the probability of ${name}" style="--filled:${100 * (readNumber(row.p) || 0)}%"
        .value=${String(Math.round(1000 * (readNumber(row.p) || 0)))} @input=${slide(false)} @change=${slide(true)} /></td>
      <td><button type="button" class="quiet" aria-label="Remove ${name}" aria-disabled=${rows.length < 2}
        @click=${() => rows.length > 1 && void this.#remove(rows, i)}>Remove</button></td>
    </tr>`;
  }

  render(model: TableModel) {
    const rows = this.#draft ?? rowsOf(model);
    const shown = rows.slice(0, mostRows);
    const golden = areGolden(rows);
    return html`
      ${kindChoice(model.kind, this.#bench)}
      <table class=${golden ? 'golden' : ''} @paste=${this.#paste}>
        <thead><tr><th scope="col">label</th><th scope="col">probability</th><th scope="col">reward</th>${golden ? html`<th scope="col">gold</th>` : ''}<td></td><td></td></tr></thead>
        <tbody>${shown.map((row, i) => this.#row(rows, row, i))}</tbody>
      </table>
      ${rows.length > shown.length ? html`<p class="hint">And ${rows.length - shown.length} rows more; edit those in the file.</p>` : ''}
      ${refusalLine(this.#bench)}
      <p class="actions">
        <button type="button" class="button" @click=${() => this.#apply([...rows, { label: '', p: '0', reward: '0', ...(golden ? { gold: '0' } : {}) }])}>Add a row</button>
        <button type="button" class="button" title="What is really wanted, beside the reward that policies see" @click=${() => this.#apply(golden ? withoutGold(rows) : withGold(rows))}>${golden ? 'Remove gold' : 'Add gold'}</button>
        ${
          this.#draft
            ? html`<button type="button" class="button" @click=${() => this.#apply(summingToOne(rows) ?? rows)}>Make them sum to 1</button>
              <button type="button" class="button" @click=${this.#discard}>Discard</button>`
            : ''
        }
      </p>`;
  }
}

const make = (bench: Bench): KindEditor<TableModel> => new TableEditor(bench);

/** The rows that are there in a model like another; those to begin with where there are none. */
const rowsAs = (scenario: Scenario, like: TableModel, budget: Scenario['budget']): Scenario => {
  const { model } = scenario;
  return isTable(model)
    ? { ...scenario, model: modelOf(rowsOf(model), like), budget }
    : { ...three, model: modelOf(rowsOf(threeTokens), like), budget };
};

export const outcomesEditing: Editing<FiniteModel> = {
  make,
  from: (scenario) => rowsAs(scenario, { kind: 'finite', outcomes: [] }, { kl: 1 }),
};

export const tokensEditing: Editing<MemorylessModel> = {
  make,
  from: (scenario) => rowsAs(scenario, { kind: 'memoryless', length: 40, tokens: [] }, { kl_per_token: 0.2 }),
};
