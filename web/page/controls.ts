import { html, type TemplateResult } from 'lit';
import { kindOf } from '../models/registry.js';
import { featuresOf } from '../models/transform.js';
import type { Session } from '../session/session.js';
import { amount, chosen, plural } from '../words/format.js';
import { lengthOf, type Shown, unitOf } from '../words/shown.js';
import './slider.js';

const billion = 1e9;

/** What a slider says of itself. */
export interface Change {
  value: number;
  /** Whether the thumb was let go, or a value typed. */
  released: boolean;
  /** Whether a key moved it. */
  byKey?: boolean;
}

const setRateOf = (session: Session) => (rate: number, released: boolean, byKey?: boolean) => {
  const { scenario } = session;
  const budget = unitOf(scenario) ? { kl_per_token: rate } : { kl: rate };
  void session.change({ ...scenario, budget }, released, byKey ? 'rate' : '');
};

const setLengthOf = (session: Session) => (length: number, released: boolean, byKey?: boolean) => {
  const { scenario } = session;
  const longer = kindOf(scenario.model).withLength?.(scenario.model, length);
  if (longer) void session.change({ ...scenario, model: longer }, released, byKey ? 'length' : '');
};

/** A control of the page: what it is called, what its places mean, and what moves with it. */
export interface Control {
  name: string;
  unit: string;
  value: number;
  text: string;
  spoken: string;
  /** From 0 to 1. */
  position: number;
  fromPosition(position: number): number;
  /** The value next to one that was picked off a figure. */
  near(value: number): number;
  rule: string;
  accepts(value: number): boolean;
  /** @param byKey whether a key moved it, of which several make one step of the browser's history */
  set(value: number, released: boolean, byKey?: boolean): void;
}

const digits = (value: number) => Number(value.toPrecision(3));

/** The budget, nats a token or of the draw. */
export function rateControl(session: Session, { view, unit }: Shown): Control {
  const { report, derived } = view;
  const end = session.rateEnd;
  // The reader's own number, which the view follows a moment later.
  const { budget } = session.scenario;
  const chosenRate = 'kl_per_token' in budget ? budget.kl_per_token : 'kl' in budget && !unit ? budget.kl : null;
  const rate = chosenRate ?? derived.kl_per_token ?? report.budget.kl;
  const total = chosen(report.budget.kl, 4);
  return {
    name: 'KL budget',
    unit: unit ? ` ${plural(rate, 'nat')} a ${unit}, ${total} in all` : ` ${plural(rate, 'nat')}`,
    value: rate,
    text: chosen(rate, 4),
    spoken: `${chosen(rate, 4)} ${plural(rate, 'nat')}${unit ? ` a ${unit}, ${total} nats in all` : ''}`,
    position: rate / end,
    fromPosition: (position) => digits(position * end),
    near: digits,
    rule: 'a number from 0 to 1000',
    accepts: (value) => value >= 0 && value <= 1000,
    set: setRateOf(session),
  };
}

/** The length of models that have one. */
export function lengthControl(session: Session, { unit }: Shown): Control | null {
  if (!unit) return null;
  const n = lengthOf(session.scenario);
  // The slider's end; what is typed may be longer, and the engine says where that is too long for this model.
  const longest = Math.max(n, featuresOf(session.scenario).longest ?? billion);
  return {
    name: 'Length',
    unit: ` ${n === 1 ? unit : `${unit}s`}`,
    value: n,
    text: chosen(n, 10),
    spoken: amount(n, unit),
    position: Math.min(1, Math.log(n) / Math.log(longest)),
    fromPosition: (position) => Math.round(digits(longest ** position)),
    near: (value) => Math.round(digits(Math.min(longest, Math.max(1, value)))),
    rule: 'a whole number from 1 to a billion',
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= billion,
    set: setLengthOf(session),
  };
}

export const slider = (control: Control) => html`<tilt-slider
  name=${control.name}
  .unit=${control.unit}
  .value=${control.value}
  .text=${control.text}
  .spoken=${control.spoken}
  .position=${control.position}
  .fromPosition=${control.fromPosition}
  rule=${control.rule}
  .accepts=${control.accepts}
  @value=${({ detail }: CustomEvent<Change>) => control.set(detail.value, detail.released, detail.byKey)}
></tilt-slider>`;

/** The length's slider, of models that have one. */
export function lengthSlider(session: Session, shown: Shown): TemplateResult | '' {
  const length = lengthControl(session, shown);
  return length ? slider(length) : '';
}

/** The budget, and the length of models that have one. */
export const controls = (session: Session, shown: Shown): TemplateResult =>
  html`${slider(rateControl(session, shown))}${lengthSlider(session, shown)}`;
