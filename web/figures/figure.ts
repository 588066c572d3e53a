import type { SVGTemplateResult, TemplateResult } from 'lit';
import type { Axis } from '../link/codec.js';
import type { PartName, Shown } from '../words/shown.js';
import type { Claim } from './claims.js';

/** A figure: pure functions from what is shown to SVG, words and a table. It computes no number, it places them. */
export interface Figure {
  name: string;
  /** What of the view it shows beside the report and the frontier; computed only while the figure is in view. */
  part?: PartName;
  /** What else may stand on its vertical axis, and what it is called there. */
  otherAxes?: { readonly own: string; readonly others: readonly OtherAxis[] };
  /** What it says, by what holds of the scenario on show. */
  claims: readonly Claim[];
  /** Whether there is nothing to draw: then its claim stands alone. */
  isEmpty?(shown: Shown): boolean;
  /** The height it looks best at; it can be drawn at any from 160 pixels on. */
  height(width: number): number;
  /** @param at position of the read-out, or null */
  draw(shown: Shown, width: number, height: number, at: number | null): SVGTemplateResult;
  /** The line that stands for what the reader chose, where it may be moved. */
  handle?: Handle;
  /** The data, for the table and for files. */
  columns(shown: Shown): Column[];
  /** The read-out's number of positions, the one nearest to a pixel, and its words. */
  positions(shown: Shown): number;
  nearest(shown: Shown, width: number, height: number, x: number): number;
  read(shown: Shown, at: number): TemplateResult | string;
}

/** The same figure by another measure; loaded when a reader asks for it. */
export interface OtherAxis {
  name: string;
  /** As links call it. */
  key: Axis;
  /** Whether the model on show has it. */
  isOf(shown: Shown): boolean;
  load(): Promise<Figure>;
}

/** An upright of a figure that the reader moves along its axis; keys move it as they move the slider of the same name. */
export interface Handle {
  control: 'rate' | 'length';
  /** Its pixel, and where it ends above and below; null where there is none. */
  at(shown: Shown, width: number, height: number): { x: number; top: number; bottom: number } | null;
  /** What its place means, in the axis's unit. */
  value(shown: Shown, width: number, height: number, x: number): number;
}

export interface Column {
  name: string;
  values: readonly (number | null)[];
}

/** Room around the plot, in pixels. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Index of the entry of a list that is nearest to x. */
export function nearestIndex(list: readonly number[], x: number): number {
  let best = 0;
  for (let i = 1; i < list.length; i++) {
    if (Math.abs((list[i] as number) - x) < Math.abs((list[best] as number) - x)) best = i;
  }
  return best;
}
