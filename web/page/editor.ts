import { html, LitElement } from 'lit';
import { TiltLabError } from '../engine/error.js';
import { readNumber } from '../scenario/number.js';
import {
  faultOf,
  modelOf,
  pasted,
  type Row,
  rowsOf,
  summingToOne,
  type TableModel,
  withProbability,
} from '../scenario/rows.js';
import { type ContinuousModel, parseScenario, parseScenarioText, type Scenario } from '../scenario/scenario.js';
import { save } from './export.js';
import { familyFields, familyModel, withField } from './families.js';
import { inPlace } from './fields.js';
import { rove } from './roving.js';
import { store } from './store.js';

const three: Scenario = {
  v: 1,
  title: 'My model',
  model: {
    kind: 'memoryless',
    length: 40,
    tokens: [
      { label: 'dull', p: 0.5, reward: 0 },
      { label: 'fine', p: 0.3, reward: 1 },
      { label: 'grand', p: 0.2, reward: 3 },
    ],
  },
  budget: { kl_per_token: 0.2 },
};

/** A scenario, or that of a figure that was saved as JSON. */
function scenarioIn(text: string): Scenario {
  try {
    const data = JSON.parse(text) as { tiltlab?: string; scenario?: unknown };
    if (data.tiltlab === 'figure') return parseScenario(data.scenario);
  } catch (error) {
    if (error instanceof TiltLabError) throw error;
  }
  return parseScenarioText(text);
}

const oneRow: TableModel = { kind: 'finite', outcomes: [] };

const isTable = (model: Scenario['model']): model is TableModel =>
  model.kind === 'finite' || model.kind === 'memoryless';

/** The model as a table: typed, pasted, dragged, undone, opened and saved. */
export class EditorElement extends LitElement {
  static override properties = { draft: { state: true }, refusal: { state: true } };
  /** Rows that are not a model yet; null while the table is the scenario's. */
  declare private draft: Row[] | null;
  declare private refusal: string;
  /** What was typed into the fields of a continuous law and refused. */
  #typed: Record<string, string> = {};
  #stop = () => {};

  constructor() {
    super();
    this.draft = null;
    this.refusal = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#stop = store.subscribe(() => this.requestUpdate());
    window.addEventListener('dragover', this.#over);
    window.addEventListener('drop', this.#drop);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#stop();
    window.removeEventListener('dragover', this.#over);
    window.removeEventListener('drop', this.#drop);
  }

  /** What had the focus before an update. */
  #had: Element | null = null;

  protected override willUpdate() {
    this.#had = this.contains(document.activeElement) ? document.activeElement : null;
  }

  /** A button that goes leaves its focus to those that stay. */
  protected override updated() {
    if (this.#had && !this.#had.isConnected) this.querySelector<HTMLElement>('.actions .button')?.focus();
  }

  readonly #over = (event: DragEvent) => event.preventDefault();
  readonly #drop = (event: DragEvent) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void this.#open(file);
  };

  async #open(file: File) {
    try {
      if (file.size > 20_000_000)
        throw new TiltLabError('input', `file: ${file.size} bytes are more than 20000000`, '');
      const scenario = scenarioIn(await file.text());
      this.refusal = '';
      this.draft = null;
      await store.load(scenario);
    } catch (error) {
      this.refusal = `${file.name}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** Makes rows the scenario's model, or keeps them as a draft and says what is wrong. */
  #apply(rows: Row[], released = true) {
    const { model } = store.scenario;
    if (!isTable(model)) return;
    try {
      const fault = faultOf(rows);
      if (fault) throw new TiltLabError('input', fault, 'model');
      const scenario = parseScenario({ ...store.scenario, model: modelOf(rows, model) });
      const sum = rows.reduce((total, row) => total + readNumber(row.p), 0);
      if (Math.abs(sum - 1) > 1e-6)
        throw new TiltLabError('input', `p: the probabilities sum to ${Number(sum.toPrecision(7))}, not to 1`, 'p');
      this.draft = null;
      this.refusal = '';
      void store.change(scenario, released);
    } catch (error) {
      this.draft = rows;
      this.refusal = inPlace(error instanceof Error ? error.message : String(error));
    }
  }

  #save() {
    save('scenario.json', new Blob([`${JSON.stringify(store.scenario, null, 1)}\n`], { type: 'application/json' }));
  }

  #paste(event: ClipboardEvent) {
    const rows = pasted(event.clipboardData?.getData('text') ?? '');
    if (!rows) return;
    event.preventDefault();
    this.#apply(rows);
  }

  #kind(event: Event) {
    const { scenario } = store;
    const { model } = scenario;
    const kind = (event.currentTarget as HTMLSelectElement).value;
    this.draft = null;
    this.refusal = '';
    if (kind === 'continuous') {
      const { title: _, ...rest } = scenario;
      void store.load({ ...rest, model: familyModel('normal', null), budget: { kl: 2 } });
      return;
    }
    if (!isTable(model)) {
      void store.load(
        kind === 'finite'
          ? { ...three, model: modelOf(rowsOf(three.model as TableModel), oneRow), budget: { kl: 1 } }
          : three,
      );
      return;
    }
    const rows = rowsOf(model);
    const like: TableModel = kind === 'finite' ? oneRow : { kind: 'memoryless', length: 40, tokens: [] };
    void store.load({
      ...scenario,
      model: modelOf(rows, like),
      budget: kind === 'finite' ? { kl: 1 } : { kl_per_token: 0.2 },
    });
  }

  /** Another law of the reward, or the field's text kept with what is wrong with it. */
  #setLaw(model: unknown, typed: Record<string, string>) {
    try {
      const scenario = parseScenario({ ...store.scenario, model });
      this.#typed = {};
      this.refusal = '';
      void store.change(scenario).then(() => {
        if (store.error?.kind === 'input') this.#refuseLaw(typed, inPlace(store.error.message));
      });
    } catch (error) {
      this.#refuseLaw(typed, inPlace(error instanceof Error ? error.message : String(error)));
    }
  }

  #refuseLaw(typed: Record<string, string>, message: string) {
    this.#typed = { ...this.#typed, ...typed };
    this.refusal = message;
    this.requestUpdate();
  }

  #law(model: ContinuousModel) {
    return html`${this.#kinds(model.kind)}
      ${familyFields(model, this.#typed, {
        family: (family) => this.#setLaw(familyModel(family, model), {}),
        field: (name, value) => this.#setLaw(withField(model, name, value), { [name]: value }),
        mirrored: (value) => {
          const { mirrored: _, ...rest } = model;
          this.#setLaw(value ? { ...rest, mirrored: true } : rest, {});
        },
      })}
      ${this.refusal ? html`<p class="notice" role="alert">${this.refusal}. The figures show the last model that was valid.</p>` : ''}`;
  }

  #kinds(kind: Scenario['model']['kind']) {
    return html`<label class="kind">One draw is
      <select .value=${kind} @change=${this.#kind}>
        <option value="finite" ?selected=${kind === 'finite'}>one row of the table</option>
        <option value="memoryless" ?selected=${kind === 'memoryless'}>a sequence of rows</option>
        <option value="continuous" ?selected=${kind === 'continuous'}>a reward with a density</option>
      </select>
    </label>`;
  }

  /** The next row's button takes the focus of one that goes. */
  async #remove(rows: Row[], i: number) {
    this.#apply(rows.filter((_, k) => k !== i));
    await this.updateComplete;
    const left = [...this.querySelectorAll<HTMLElement>('tbody .quiet')];
    left[Math.min(i, left.length - 1)]?.focus();
  }

  async #discard() {
    this.draft = null;
    this.refusal = '';
    await this.updateComplete;
    this.querySelector<HTMLElement>('tbody input')?.focus();
  }

  #row(rows: Row[], row: Row, i: number) {
    const set = (field: 'label' | 'p' | 'reward') => (event: Event) => {
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
      <td class="bar"><input type="range" min="0" max="999" aria-label="Drag the probability of ${name}" style="--filled:${100 * (readNumber(row.p) || 0)}%"
        .value=${String(Math.round(1000 * (readNumber(row.p) || 0)))} @input=${slide(false)} @change=${slide(true)} /></td>
      <td><button type="button" class="quiet" aria-label="Remove ${name}" aria-disabled=${rows.length < 2}
        @click=${() => rows.length > 1 && void this.#remove(rows, i)}>Remove</button></td>
    </tr>`;
  }

  #table(model: TableModel) {
    const rows = this.draft ?? rowsOf(model);
    const shown = rows.slice(0, 200);
    return html`
      ${this.#kinds(model.kind)}
      <table @paste=${this.#paste}>
        <thead><tr><th scope="col">label</th><th scope="col">probability</th><th scope="col">reward</th><td></td><td></td></tr></thead>
        <tbody>${shown.map((row, i) => this.#row(rows, row, i))}</tbody>
      </table>
      ${rows.length > shown.length ? html`<p class="hint">And ${rows.length - shown.length} rows more; edit those in the file.</p>` : ''}
      ${this.refusal ? html`<p class="notice" role="alert">${this.refusal}. The figures show the last model that was valid.</p>` : ''}
      <p class="actions">
        <button type="button" class="button" @click=${() => this.#apply([...rows, { label: '', p: '0', reward: '0' }])}>Add a row</button>
        ${
          this.draft
            ? html`<button type="button" class="button" @click=${() => this.#apply(summingToOne(rows) ?? rows)}>Make them sum to 1</button>
              <button type="button" class="button" @click=${this.#discard}>Discard</button>`
            : ''
        }
      </p>`;
  }

  override render() {
    const { model } = store.scenario;
    return html`<section class="editor" aria-labelledby="editor-title">
      <h2 id="editor-title">Make your own</h2>
      ${
        isTable(model)
          ? this.#table(model)
          : model.kind === 'continuous'
            ? this.#law(model)
            : html`<p class="hint">The words of Moby-Dick are fixed. A model of your own is a table of labels, probabilities and rewards: typed,
              pasted from a spreadsheet, or dragged.</p>
            <p class="actions"><button type="button" class="button" @click=${() => void store.load(three)}>Start from three tokens</button>
              <button type="button" class="button" @click=${() => void store.load({ v: 1, model: familyModel('normal', null), budget: { kl: 2 } })}>Start from a bell curve</button></p>`
      }
      <p class="actions" role="toolbar" aria-label="History and files" @keydown=${rove}>
        <button type="button" class="button" data-rove aria-disabled=${!store.canUndo} @click=${() => store.canUndo && history.back()}>Undo</button>
        <button type="button" class="button" data-rove tabindex="-1" aria-disabled=${!store.canRedo} @click=${() => store.canRedo && history.forward()}>Redo</button>
        <button type="button" class="button" data-rove tabindex="-1" @click=${this.#save}>Save as a file</button>
        <label class="button file">Open a file
          <input type="file" data-rove tabindex="-1" accept=".json,application/json" @change=${(event: Event) => {
            const input = event.currentTarget as HTMLInputElement;
            const file = input.files?.[0];
            if (file) void this.#open(file);
            input.value = '';
          }} />
        </label>
        <span class="hint">or drop one on the page.</span>
      </p>
      ${model.kind !== 'text' || !this.refusal ? '' : html`<p class="notice" role="alert">${this.refusal}</p>`}
    </section>`;
  }
}

customElements.define('tilt-editor', EditorElement);
