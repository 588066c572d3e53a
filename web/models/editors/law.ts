import { html } from 'lit';
import { type ContinuousModel, parseScenario } from '../../scenario/scenario.js';
import type { Bench, Editing, KindEditor } from './editor.js';
import { familyFields, familyModel, withField } from './families.js';
import { inPlace } from './fields.js';
import { kindChoice, messageOf, refusalLine } from './kind-choice.js';
import { bellCurve } from './starts.js';

/** The law of a reward: its family and its fields. */
class LawEditor implements KindEditor<ContinuousModel> {
  readonly saysRefusal = true;
  /** What was typed into the fields and refused. */
  #typed: Record<string, string> = {};
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Another law of the reward, or the field's text kept with what is wrong with it. */
  #set(model: unknown, typed: Record<string, string>) {
    const bench = this.#bench;
    try {
      const scenario = parseScenario({ ...bench.scenario, model });
      this.#typed = {};
      bench.refusal = '';
      void bench.change(scenario).then(() => {
        if (bench.error?.kind === 'input') this.#refuse(typed, inPlace(bench.error.message));
      });
    } catch (error) {
      this.#refuse(typed, inPlace(messageOf(error)));
    }
  }

  #refuse(typed: Record<string, string>, message: string) {
    this.#typed = { ...this.#typed, ...typed };
    this.#bench.refusal = message;
    void this.#bench.redraw();
  }

  render(model: ContinuousModel) {
    return html`${kindChoice(model.kind, this.#bench)}
      ${familyFields(model, this.#typed, {
        family: (family) => this.#set(familyModel(family, model), {}),
        field: (name, value) => this.#set(withField(model, name, value), { [name]: value }),
        mirrored: (value) => {
          const { mirrored: _, ...rest } = model;
          this.#set(value ? { ...rest, mirrored: true } : rest, {});
        },
      })}
      ${refusalLine(this.#bench)}`;
  }
}

export const lawEditing: Editing<ContinuousModel> = {
  make: (bench) => new LawEditor(bench),
  from: ({ title: _, ...rest }) => ({ ...rest, ...bellCurve }),
};
