import { svg } from 'lit';

/** A label and the places it may take, best first. */
export interface Label {
  text: string;
  /** Said instead where there is no room for the text. */
  short?: string;
  className: string;
  places: { x: number; y: number; anchor: 'start' | 'middle' | 'end' }[];
  /** Letter height in pixels. */
  size?: number;
  /** Whether the figure can do without it. */
  optional?: boolean;
}

interface Box {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

const apart = (a: Box, b: Box) => a.x1 < b.x0 || b.x1 < a.x0 || a.y1 < b.y0 || b.y1 < a.y0;

/** The text's box around its baseline, by the mean width of the face's letters. */
function boxOf(text: string, { size = 12, className }: Label, place: Label['places'][number]): Box {
  const width = text.length * size * (className.includes('strong') ? 0.6 : 0.56);
  const x0 = place.anchor === 'start' ? place.x : place.anchor === 'end' ? place.x - width : place.x - width / 2;
  return { x0: x0 - 2, x1: x0 + width + 2, y0: place.y - size * 0.85, y1: place.y + size * 0.3 };
}

/** Points along a polyline, at most 4 pixels apart. */
function dense(line: readonly [number, number][]): [number, number][] {
  return line.flatMap(([x, y], i) => {
    const [x1, y1] = line[i + 1] ?? [x, y];
    const steps = Math.max(1, Math.min(400, Math.ceil(Math.hypot(x1 - x, y1 - y) / 4)));
    return Array.from({ length: steps }, (_, k): [number, number] => [
      x + ((x1 - x) * k) / steps,
      y + ((y1 - y) * k) / steps,
    ]);
  });
}

/**
 * Puts each label at the first of its places that is inside `width` and `bottom` and clear of the lines and of the labels before
 * it; one that finds none is left out when it is optional, and else takes the place that crosses least.
 */
export function placeLabels(labels: Label[], lines: readonly [number, number][][], width: number, bottom: number) {
  const taken: Box[] = [];
  const dots = lines.flatMap(dense).map(([x, y]) => ({ x0: x - 1, x1: x + 1, y0: y - 1, y1: y + 1 }));
  return labels.map((label) => {
    let best: { text: string; box: Box; place: Label['places'][number]; cost: number } | null = null;
    for (const text of label.short === undefined ? [label.text] : [label.text, label.short]) {
      for (const place of label.places) {
        const box = boxOf(text, label, place);
        const outside = box.x0 < 0 || box.x1 > width || box.y0 < 0 || box.y1 > bottom;
        const overlaps = taken.filter((other) => !apart(box, other)).length;
        const crossings = dots.filter((dot) => !apart(box, dot)).length;
        const cost = (outside ? 1e6 : 0) + 1e4 * overlaps + crossings;
        if (!best || cost < best.cost) best = { text, box, place, cost };
        if (cost === 0) break;
      }
      if (best?.cost === 0) break;
    }
    if (!best || best.cost >= 1e4 || (label.optional && best.cost > 0)) return '';
    taken.push(best.box);
    const { x, y, anchor } = best.place;
    return svg`<text class="label ${label.className}" x=${x} y=${y} text-anchor=${anchor}>${best.text}</text>`;
  });
}
