// Writes web/data/vader-lexicon.tsv: every word of the VADER lexicon with its valence, as the package vader-sentiment has
// them, but those that no text can hit: keys with a space in them, or with letters that are not in lower case, which
// lower-cased words never equal.
//
//   node tools/extract-lexicon.mjs           writes the table
//   node tools/extract-lexicon.mjs --check   fails when the committed table is another
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const module = require('../node_modules/vader-sentiment/src/vader_lexicon.js');
const lexicon = module.default ?? module.lexicon ?? module;
const rows = Object.entries(lexicon).filter(([word]) => !/\s/.test(word) && word === word.toLowerCase());
const text = `${rows
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map((row) => row.join('\t'))
  .join('\n')}\n`;
const file = new URL('../web/data/vader-lexicon.tsv', import.meta.url);
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('web/data/vader-lexicon.tsv is not what tools/extract-lexicon.mjs makes');
  process.exit(1);
}
