import { svg } from 'lit';
import { runs } from '../words/format.js';
import { tenth } from './path.js';

export interface Place {
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

/** A label and the places it may take, best first. */
export interface Label {
  text: string;
  /** Said instead where there is no room for the text, longest first. */
  shorter?: string[];
  className: string;
  places: Place[];
  /** Which boxes at `places` will do, such as those above a curve. */
  suits?: (box: Box) => boolean;
  /** Taken only where neither text finds a clear one of `places`. */
  fallback?: Place[];
  /** Letter height in pixels. */
  size?: number;
  /** Whether the figure can do without it. */
  optional?: boolean;
}

export interface Box {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

const apart = (a: Box, b: Box) => a.x1 < b.x0 || b.x1 < a.x0 || a.y1 < b.y0 || b.y1 < a.y0;

/** Width of a text in the figures' face, rather too wide than too narrow. */
export function textWidth(text: string, size: number, strong = false): number {
  let ems = 0;
  for (const run of runs(text)) {
    for (const letter of run.text) {
      const em = /[ .,:;'|!ijl()rtf]/.test(letter)
        ? 0.36
        : /[mwMW%@]/.test(letter)
          ? 0.92
          : /[A-Z]/.test(letter)
            ? 0.7
            : 0.61;
      ems += run.raised ? 0.75 * em : em;
    }
  }
  return ems * size * (strong ? 1.05 : 1);
}

/** The text's box around its baseline. */
function boxOf(width: number, size: number, place: Place): Box {
  const x0 = place.anchor === 'start' ? place.x : place.anchor === 'end' ? place.x - width : place.x - width / 2;
  return { x0: x0 - 2, x1: x0 + width + 2, y0: place.y - size * 0.85, y1: place.y + size * 0.3 };
}

/** Width of the columns into which points are sorted, in pixels. */
const column = 16;

/** How many points along polylines, at most 4 pixels apart, lie in or next to a box. */
function crossingsOf(lines: readonly (readonly [number, number])[][]): (box: Box) => number {
  // A box looks only at the columns that it stands in.
  const columns = new Map<number, number[]>();
  const add = (x: number, y: number) => {
    const key = Math.floor(x / column);
    const points = columns.get(key);
    if (points) points.push(x, y);
    else columns.set(key, [x, y]);
  };
  for (const line of lines)
    line.forEach(([x, y], i) => {
      const [x1, y1] = line[i + 1] ?? [x, y];
      const steps = Math.max(1, Math.min(400, Math.ceil(Math.hypot(x1 - x, y1 - y) / 4)));
      for (let k = 0; k < steps; k++) add(x + ((x1 - x) * k) / steps, y + ((y1 - y) * k) / steps);
    });
  return (box) => {
    let count = 0;
    const last = Math.floor((box.x1 + 1) / column);
    for (let key = Math.floor((box.x0 - 1) / column); key <= last; key++) {
      const points = columns.get(key) ?? [];
      for (let i = 0; i < points.length; i += 2) {
        const x = points[i] as number;
        const y = points[i + 1] as number;
        if (x >= box.x0 - 1 && x <= box.x1 + 1 && y >= box.y0 - 1 && y <= box.y1 + 1) count++;
      }
    }
    return count;
  };
}

const reaches = [10, 24, 44, 70, 100, 140];

/** Ways from a point to a label on its right, nearest first, then by the side; `other` is the left. */
const waysOf = (rises: number[]) =>
  rises
    .flatMap((dy) =>
      reaches.flatMap((dx) =>
        [false, true].map((other) => ({
          dx,
          dy,
          other,
          cost: dx + 1.5 * Math.abs(dy) + (other ? 16 : 0) + (dy === 5 ? 30 : 0),
        })),
      ),
    )
    .sort((a, b) => a.cost - b.cost);
const above = waysOf([-10, -18, -28, -42, -60, -80, -110, -140]);
const under = waysOf([5, 22, 32, 44, 60, 80, 110]);

/** Places around a point: nearest first, on the side asked for; `up` and `right` are 1 or −1. */
export const around = (px: number, py: number, up: 1 | -1, right: 1 | -1): Place[] =>
  (up === 1 ? above : under).map(({ dx, dy, other }) => {
    const side = other ? -right : right;
    return { x: px + side * dx, y: py + dy, anchor: side === 1 ? 'start' : 'end' };
  });

/** Text with its superscripts as smaller, raised digits, which faces draw unevenly. */
export function raised(text: string) {
  const parts = runs(text);
  // Most texts have none: one node less for each to lay out.
  if (parts.every((run) => !run.raised)) return text;
  let lift = 0;
  return parts.map((run) => {
    const dy = run.raised ? -4 : lift;
    lift = run.raised ? 4 : 0;
    return svg`<tspan dy=${dy} font-size=${run.raised ? '75%' : '100%'}>${run.text}</tspan>`;
  });
}

/** Where a text stands, as a transform: text that is moved so is not laid out again. */
export const moved = (x: number, y: number) => `translate(${tenth(x)} ${tenth(y)})`;

/** The axis's name stands above. */
const underTitle = 18;

/** Where labels may stand. */
export interface Bounds {
  left: number;
  right: number;
  bottom: number;
}

/**
 * Puts each label at the first of its places that is within the bounds and clear of the lines and of the labels before
 * it; one that finds none is left out when it is optional, and else takes the place that crosses least.
 */
export function placeLabels(labels: Label[], lines: readonly [number, number][][], bounds: Bounds) {
  const taken: Box[] = [];
  const crossings = crossingsOf(lines);
  return labels.map((label) => {
    let best: { text: string; box: Box; place: Place; cost: number } | null = null;
    const texts = [label.text, ...(label.shorter ?? [])];
    for (const places of [label.places, label.fallback ?? []]) {
      const suits = places === label.places ? label.suits : undefined;
      for (const text of texts) {
        const size = label.size ?? 12;
        const width = textWidth(text, size, label.className.includes('strong'));
        for (const place of places) {
          if (best?.cost === 0) break;
          const box = boxOf(width, size, place);
          if (box.x0 < bounds.left || box.x1 > bounds.right || box.y0 < underTitle || box.y1 > bounds.bottom) continue;
          if (suits && !suits(box)) continue;
          if (taken.some((other) => !apart(box, other))) continue;
          const cost = crossings(box);
          if (!best || cost < best.cost) best = { text, box, place, cost };
        }
      }
    }
    if (!best || (label.optional && best.cost > 0)) return '';
    taken.push(best.box);
    const { x, y, anchor } = best.place;
    return svg`<text class="label ${label.className}" transform=${moved(x, y)} text-anchor=${anchor}>${raised(best.text)}</text>`;
  });
}
