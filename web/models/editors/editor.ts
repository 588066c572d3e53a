import type { TemplateResult } from 'lit';
import type { TiltLabError } from '../../scenario/error.js';
import type { Model, Scenario } from '../../scenario/scenario.js';

/** What an editor works on: the scenario of the page and the ways to change it. */
export interface Bench {
  readonly scenario: Scenario;
  /** Why what was asked last was refused; null where it was not. */
  readonly error: TiltLabError | null;
  change(scenario: Scenario, released?: boolean): Promise<void>;
  load(scenario: Scenario): Promise<void>;
  /** Another kind of model, from what is there. */
  become(kind: Model['kind']): void;
  /** What is wrong with what was typed; empty where nothing is. */
  refusal: string;
  /** Draws the editor anew; resolves once it stands there. */
  redraw(): Promise<unknown>;
  /** Elements of the editor. */
  find(selector: string): HTMLElement[];
}

/** The part of the editor that knows one kind of model; it keeps what was typed and is no model yet. */
export interface KindEditor<M> {
  render(model: M): TemplateResult;
  /** Lets go of what was typed: another model stands in its place. */
  forget?(): void;
  /** Whether it says itself what is wrong with what was typed. */
  saysRefusal: boolean;
}

/** How a kind is edited. */
export interface Editing<M> {
  /** The same for kinds that are edited alike, which then keep what was typed. */
  make(bench: Bench): KindEditor<M>;
  /** A scenario of this kind, made of what is there as far as that goes; left out where a reader makes none. */
  from?(scenario: Scenario): Scenario;
}
