import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { engine, type Scenario } from './engine.js';

type Table = { [field: string]: number | null | Table };
/** A table as make_promises.py writes it: the columns that are told, and a line a scenario. */
function tableOf(path: string | URL) {
  const [head, ...lines] = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  return { columns: (head as string).split('\t').slice(1), lines };
}

/** Rounding that a report need not state, against max(1, |x|). */
const unstated = 2e-12;

/** What is farther from the exact number than it may be, or missing without a word; and how many are left out with one. */
function judged({ columns, lines }: ReturnType<typeof tableOf>) {
  const beyond: string[] = [];
  let left = 0;
  for (const line of lines) {
    const [scenario, ...cells] = line.split('\t') as [string, ...string[]];
    const report = engine.evaluate(JSON.parse(scenario) as Scenario);
    const bound = (report.error_bound ?? 0) + unstated;
    const notes = (report.notes ?? []).join(' ');
    columns.forEach((column, i) => {
      const cell = cells[i] as string;
      if (cell === '-') return;
      const [section, field] = column.split('.') as [string, string];
      const found = (report as unknown as { [section: string]: Table })[section]?.[field] as number | null;
      const wanted = cell === 'inf' ? Number.POSITIVE_INFINITY : Number(cell);
      if (found === null) {
        // Infinite, past the range of a double, or said to be left out.
        if (Number.isFinite(wanted)) {
          left += 1;
          if (!notes.includes(column)) beyond.push(`${scenario} ${column}: null without a note, wanted ${cell}`);
        }
        return;
      }
      const error = Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
      if (!(error <= bound)) beyond.push(`${scenario} ${column}: ${found}, wanted ${cell}, bound ${bound}`);
    });
  }
  return { beyond, left };
}

test('no number of 2,000 reports is farther from the exact one than its error_bound, and none is refused', () => {
  const table = tableOf(new URL('../reference/promises.tsv.gz', import.meta.url));
  expect(table.lines.length).toBeGreaterThan(1950);
  const { beyond, left } = judged(table);
  expect(beyond).toEqual([]);
  // A handful of alphas that a double's KL cannot tell.
  expect(left).toBeLessThan(60);
});

const probes = process.env.TILTLAB_PROBES;
test.skipIf(!probes)('nor is any of the probes of make_probes.py', () => {
  const table = tableOf(probes as string);
  const { beyond, left } = judged(table);
  expect(beyond).toEqual([]);
  expect(left).toBeLessThan(0.03 * table.lines.length);
});
