import { svg } from 'lit';
import type { Estimate } from '../engine/simulation.js';
import type { Frame } from './figure.js';
import { moved, raised, textWidth } from './labels.js';
import { tenth } from './path.js';

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
  const ends = estimate?.interval.filter((end) => end !== null) ?? [];
  const mean = estimate?.mean ?? null;
  if (ends.length < 2 || mean === null) return '';
  const [low, high] = ends.map(y) as [number, number];
  return svg`<path class="whisker ${className}" d="M${px} ${low}V${high}M${px - 4} ${low}h8M${px - 4} ${high}h8"></path>
    <circle class="fill ${className}" cx=${px} cy=${y(mean)} r="3"></circle>`;
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
  const rows = 'ticks' in y ? y.ticks.map((tick) => ({ at: tenth(y.at(tick)), text: y.format(tick) })) : [];
  const columns = tickLabels(x, width);
  const lines = rows.map(({ at }) => `M${frame.left} ${at}H${right}`).join('');
  const ticks = columns.map(({ at }) => `M${tenth(at)} ${bottom}v5`).join('');
  return svg`
    <path class="grid" d=${lines}></path>
    ${rows.map(({ at, text }) => svg`<text class="tick" transform=${moved(frame.left - 8, at + 4)} text-anchor="end">${raised(text)}</text>`)}
    <path class="axis" d="M${frame.left} ${bottom}H${right}${ticks}"></path>
    ${columns.map(({ text, centre }) => (text ? svg`<text class="tick" transform=${moved(centre, bottom + 19)} text-anchor="middle">${raised(text)}</text>` : ''))}
    <text class="axis-name" x="0" y="12" text-anchor="start">↑ ${y.label}</text>
    <text class="axis-name" x=${right} y=${bottom + 38} text-anchor="end">${x.label} →</text>`;
}
