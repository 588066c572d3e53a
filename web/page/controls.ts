import { html, type TemplateResult } from 'lit';
import { amount, chosen, plural } from './format.js';
import { lengthOf, type Shown, unitOf } from './shown.js';
import { store } from './store.js';
import './slider.js';

const longest = 1e9;

/** What a slider says of itself. */
export interface Change {
  value: number;
  /** Whether the thumb was let go, or a value typed. */
  released: boolean;
}

function setRate({ detail }: CustomEvent<Change>) {
  const budget = unitOf(store.scenario) ? { kl_per_token: detail.value } : { kl: detail.value };
  void store.change({ ...store.scenario, budget }, detail.released);
}

function setLength({ detail }: CustomEvent<Change>) {
  const { model } = store.scenario;
  if ('length' in model)
    void store.change({ ...store.scenario, model: { ...model, length: detail.value } }, detail.released);
}

/** The budget, and the length of models that have one. */
export function controls({ view, unit }: Shown): TemplateResult {
  const { report, derived } = view;
  const n = lengthOf(store.scenario);
  const end = store.rateEnd;
  // The reader's own number, which the view follows a moment later.
  const { budget } = store.scenario;
  const chosenRate = 'kl_per_token' in budget ? budget.kl_per_token : 'kl' in budget && !unit ? budget.kl : null;
  const rate = chosenRate ?? derived.kl_per_token ?? report.budget.kl;
  const total = chosen(report.budget.kl, 4);
  return html`
    <tilt-slider
      name="KL budget"
      .unit=${unit ? ` ${plural(rate, 'nat')} a ${unit}, ${total} in all` : ' nats'}
      .value=${rate}
      .text=${chosen(rate, 4)}
      .spoken=${`${chosen(rate, 4)} ${plural(rate, 'nat')}${unit ? ` a ${unit}, ${total} nats in all` : ''}`}
      .position=${rate / end}
      .fromPosition=${(position: number) => Number((position * end).toPrecision(3))}
      rule="a number from 0 to 1000"
      .accepts=${(value: number) => value >= 0 && value <= 1000}
      @value=${setRate}
    ></tilt-slider>
    ${
      unit
        ? html`<tilt-slider
            name="Length"
            .unit=${` ${n === 1 ? unit : `${unit}s`}`}
            .value=${n}
            .text=${chosen(n, 10)}
            .spoken=${amount(n, unit)}
            .position=${Math.log(n) / Math.log(longest)}
            .fromPosition=${(position: number) => Math.round(Number((longest ** position).toPrecision(3)))}
            rule="a whole number from 1 to a billion"
            .accepts=${(value: number) => Number.isInteger(value) && value >= 1 && value <= longest}
            @value=${setLength}
          ></tilt-slider>`
        : ''
    }`;
}
