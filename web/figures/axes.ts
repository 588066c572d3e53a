import { svg } from 'lit';
import type { Frame } from './figure.js';

interface Axis {
  /** Pixel of a value. */
  at(value: number): number;
  ticks: number[];
  format(value: number): string;
  label: string;
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
      <text class="tick" x=${frame.left - 8} y=${at + 4} text-anchor="end">${(y as Axis).format(tick)}</text>`;
    })}
    <line class="axis" x1=${frame.left} x2=${right} y1=${bottom} y2=${bottom}></line>
    ${x.ticks.map(
      (tick) => svg`
      <line class="axis" x1=${x.at(tick)} x2=${x.at(tick)} y1=${bottom} y2=${bottom + 5}></line>
      <text class="tick" x=${x.at(tick)} y=${bottom + 19} text-anchor="middle">${x.format(tick)}</text>`,
    )}
    <text class="axis-name" x="0" y="12" text-anchor="start">↑ ${y.label}</text>
    <text class="axis-name" x=${right} y=${bottom + 38} text-anchor="end">${x.label} →</text>`;
}
