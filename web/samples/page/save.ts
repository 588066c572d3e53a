import { pngFile, save, svgFile } from '../../page/export.js';
import type { Chart } from './chart.js';

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csvOf({ columns }: Chart): string {
  const rows = Math.max(...columns.map(({ values }) => values.length));
  const lines = Array.from({ length: rows }, (_, i) => columns.map(({ values }) => String(values[i] ?? '')).join(','));
  return `${[columns.map(({ name }) => quoted(name)).join(','), ...lines].join('\n')}\n`;
}

const jsonOf = ({ name, claim, rest, columns }: Chart): string =>
  `${JSON.stringify({ tiltlab: 'chart', chart: name, caption: `${claim} ${rest}`, columns: Object.fromEntries(columns.map((each) => [each.name, each.values])) }, null, 1)}\n`;

/** A file of a chart. */
export async function saveChart(kind: 'SVG' | 'PNG' | 'CSV' | 'JSON', chart: Chart, drawing: SVGSVGElement) {
  const name = `tilt-lab-${chart.name}.${kind.toLowerCase()}`;
  if (kind === 'CSV') return save(name, new Blob([csvOf(chart)], { type: 'text/csv' }));
  if (kind === 'JSON') return save(name, new Blob([jsonOf(chart)], { type: 'application/json' }));
  const address = `${location.origin}${location.pathname}`;
  const picture = svgFile(drawing, `${chart.claim} ${chart.rest}`, address);
  if (kind === 'SVG') return save(name, new Blob([picture], { type: 'image/svg+xml' }));
  return save(name, await pngFile(picture, 2, address));
}
