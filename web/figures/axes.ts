import { svg } from 'lit';
import type { Estimate } from '../engine/simulation.js';
import type { Frame } from './figure.js';
import { raised, textWidth } from './labels.js';

interface Axis {
  /** Pixel of a value. */
  at(value: number): number;
  ticks: number[];
  format(value: number): string;
  label: string;
}

const letters = 12;

/** A mean that was drawn with its interval, at `px`; nothing before any was. */
export function whisker(estimate: Estimate | undefined, className: string, px: number, y: (value: number) => number) {
  if (!estimate) return '';
  const [low, high] = estimate.interval.map(y) as [number, number];
  return svg`<path class="whisker ${className}" d="M${px} ${low}V${high}M${px - 4} ${low}h8M${px - 4} ${high}h8"></path>
    <circle class="fill ${className}" cx=${px} cy=${y(estimate.mean)} r="3"></circle>`;
}

/** Room at the left for the widest of a vertical axis's numbers. */
export const roomFor = (texts: string[], least = 44) =>
  Math.max(least, ...texts.map((text) => Math.ceil(textWidth(text, letters)) + 10));

/** Tick labels centred on their ticks but within the figure; one that would touch its neighbour is left out. */
function tickLabels(x: Axis, width: number) {
  let end = Number.NEGATIVE_INFINITY;
  return x.ticks.map((tick) => {
    const text = x.format(tick);
    const half = textWidth(text, letters) / 2;
    const centre = Math.max(half, Math.min(x.at(tick), width - half));
    const fits = centre - half > end + 4;
    if (fits) end = centre + half;
    return { at: x.at(tick), text: fits ? text : '', centre };
  });
}

/** A horizontal axis at the bottom, light horizontal lines, and both names with the direction in which they grow. */
export function axes(x: Axis, y: Axis | { label: string }, width: number, height: number, frame: Frame) {
  const bottom = height - frame.bottom;
  const right = width - frame.right;
  const rows = 'ticks' in y ? y.ticks : [];
  return svg`
    ${rows.map((tick) => {
      const at = (y as Axis).at(tick);
      return svg`
      <line class="grid" x1=${frame.left} x2=${right} y1=${at} y2=${at}></line>
      <text class="tick" x=${frame.left - 8} y=${at + 4} text-anchor="end">${raised((y as Axis).format(tick))}</text>`;
    })}
    <line class="axis" x1=${frame.left} x2=${right} y1=${bottom} y2=${bottom}></line>
    ${tickLabels(x, width).map(
      ({ at, text, centre }) => svg`
      <line class="axis" x1=${at} x2=${at} y1=${bottom} y2=${bottom + 5}></line>
      ${text ? svg`<text class="tick" x=${centre} y=${bottom + 19} text-anchor="middle">${raised(text)}</text>` : ''}`,
    )}
    <text class="axis-name" x="0" y="12" text-anchor="start">↑ ${y.label}</text>
    <text class="axis-name" x=${right} y=${bottom + 38} text-anchor="end">${x.label} →</text>`;
}
