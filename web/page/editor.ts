import { html, LitElement } from 'lit';
import { rove } from '../figures/roving.js';
import type { Bench, Editing, KindEditor } from '../models/editors/editor.js';
import { messageOf } from '../models/editors/kind-choice.js';
import { editingOf } from '../models/editors/registry.js';
import { TransformEditor } from '../models/editors/transform.js';
import { kindOf } from '../models/registry.js';
import { TiltLabError } from '../scenario/error.js';
import { type Model, parseScenario, parseScenarioText, type Scenario } from '../scenario/scenario.js';
import type { Address } from '../session/address.js';
import type { Session } from '../session/session.js';
import { watch } from '../session/watch.js';
import { otherMeasure } from './coefficient.js';
import { save } from './export.js';

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

/** The model as its kind is edited, undone, opened and saved. */
export class EditorElement extends LitElement {
  static override properties = { refusal: { state: true } };
  declare session: Session;
  declare address: Address;
  declare private refusal: string;
  /** By what makes them: kinds that are edited alike share one. */
  readonly #editors = new Map<Editing<Model>['make'], KindEditor<Model>>();

  constructor() {
    super();
    this.refusal = '';
    watch(this);
  }

  /** What the editors of kinds see of the page. */
  readonly #bench: Bench = (() => {
    const element = this;
    return {
      get scenario() {
        return element.session.scenario;
      },
      get error() {
        return element.session.error;
      },
      change: (scenario: Scenario, released?: boolean) => element.session.change(scenario, released),
      load: (scenario: Scenario) => element.session.load(scenario),
      become(kind: Model['kind']) {
        element.#forget();
        const { from } = editingOf(kind);
        if (!from) return;
        const { transform, ...scenario } = from(element.session.scenario);
        const keeps = transform && kindOf(scenario.model).unit !== null;
        void element.session.load(keeps ? { ...scenario, transform } : scenario);
      },
      get refusal() {
        return element.refusal;
      },
      set refusal(words: string) {
        element.refusal = words;
      },
      redraw() {
        element.requestUpdate();
        return element.updateComplete;
      },
      find: (selector: string) => [...element.querySelectorAll<HTMLElement>(selector)],
    };
  })();

  readonly #transform = new TransformEditor(this.#bench);

  #editorOf({ kind }: Model): KindEditor<Model> {
    const { make } = editingOf(kind);
    const editor = this.#editors.get(make) ?? make(this.#bench);
    this.#editors.set(make, editor);
    return editor;
  }

  /** Another model stands in the place of what was typed. */
  #forget() {
    for (const editor of this.#editors.values()) editor.forget?.();
    this.#transform.forget();
    this.refusal = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    window.addEventListener('dragover', this.#over);
    window.addEventListener('drop', this.#drop);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
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
      this.#forget();
      await this.session.load(scenario);
    } catch (error) {
      this.refusal = `${file.name}: ${messageOf(error)}`;
    }
  }

  /** A KL coefficient instead of nats, or back. */
  #measure() {
    const { shown } = this.session;
    if (shown) void this.session.change({ ...shown.scenario, budget: otherMeasure(shown) });
  }

  #save() {
    save(
      'scenario.json',
      new Blob([`${JSON.stringify(this.session.scenario, null, 1)}\n`], { type: 'application/json' }),
    );
  }

  override render() {
    const { session, address } = this;
    const { model } = session.scenario;
    const editor = this.#editorOf(model);
    return html`<section class="editor" aria-labelledby="editor-title">
      <h2 id="editor-title">Make your own</h2>
      ${editor.render(model)}
      ${kindOf(model).unit === null ? '' : this.#transform.render(session.scenario)}
      <p class="actions" role="toolbar" aria-label="History and files" @keydown=${rove}>
        <button type="button" class="button" data-rove aria-disabled=${!address.canUndo} @click=${() => address.undo()}>Undo</button>
        <button type="button" class="button" data-rove tabindex="-1" aria-disabled=${!address.canRedo} @click=${() => address.redo()}>Redo</button>
        <button type="button" class="button" data-rove tabindex="-1" aria-pressed=${'beta' in session.scenario.budget} @click=${this.#measure}>Set the budget by β</button>
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
      ${editor.saysRefusal || !this.refusal ? '' : html`<p class="notice" role="alert">${this.refusal}</p>`}
    </section>`;
  }
}

customElements.define('tilt-editor', EditorElement);
