// Writes web/generated/: the scenario's TypeScript types, its kinds and its validator from the one schema, the law of one
// word of each text from its table, and what the engine that is built says of its results. Run by the build and before
// type checks.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import temml from 'temml';
import { lawSchema, validatorOf } from './validator.mjs';

const root = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
mkdirSync(new URL('web/generated/', root), { recursive: true });
/** Untouched where nothing changed, so that later build steps see nothing new. */
const write = (path, text) => {
  const url = new URL(`web/generated/${path}`, root);
  let old = null;
  try {
    old = readFileSync(url, 'utf8');
  } catch {}
  if (old !== text) writeFileSync(url, text);
};

const schema = lawSchema(JSON.parse(read('web/scenario/scenario.v1.schema.json')));
write('validate-scenario.js', validatorOf(schema));
write(
  'validate-scenario.d.ts',
  `import type { ErrorObject } from 'ajv';
declare const validate: { (data: unknown): boolean; errors?: ErrorObject[] | null };
export default validate;
`,
);
const types = await compile(schema, 'Scenario', {
  bannerComment: '/* Made from scenario.v1.schema.json */',
  ignoreMinAndMaxItems: true,
});
// The tag that the outer list of kinds reads would give every field of a continuous model the type unknown.
write(
  'scenario.d.ts',
  types.replace('Continuous & Continuous1', 'Continuous').replace(/export interface Continuous1 \{[^}]*\}\n/, ''),
);

/** What the schema has of each: its kinds of models, those of them with a length, and its kinds of policies. */
const kindOf = ({ properties }) => properties.kind.const;
const models = schema.definitions.model.oneOf.map(({ $ref }) => schema.definitions[$ref.split('/').at(-1)]);
const schemaKinds = {
  models: models.map(kindOf),
  sequences: models.filter(({ properties }) => properties.length).map(kindOf),
  policies: schema.properties.policies.items.oneOf.map(kindOf),
};
write(
  'kinds.js',
  `/** Made from scenario.v1.schema.json */\nexport default ${JSON.stringify(schemaKinds, null, 2)};\n`,
);
write(
  'kinds.d.ts',
  `declare const kinds: Record<${Object.keys(schemaKinds)
    .map((name) => `'${name}'`)
    .join(' | ')}, readonly string[]>;\nexport default kinds;\n`,
);

/** The fields of every result, by the C++ that writes them: tests/engine/results.ts holds the types that people read to it. */
write(
  'results.ts',
  execFileSync(process.execPath, [
    '--no-experimental-fetch',
    fileURLToPath(new URL('build/wasm/tiltlab_results.cjs', root)),
  ]).toString(),
);

/**
 * What the page says of itself: the package's version, the date of its release, and, where a host states them, its address and
 * source.
 */
const citation = read('CITATION.cff');
const stated = (field) => new RegExp(`^${field}: (.*)$`, 'm').exec(citation)?.[1] ?? '';
const release = {
  version: JSON.parse(read('package.json')).version,
  date: stated('date-released'),
  site: process.env.TILTLAB_SITE ?? '',
  source: process.env.TILTLAB_SOURCE ?? '',
};
write('release.js', `export default ${JSON.stringify(release, null, 2)};\n`);
write(
  'release.d.ts',
  "declare const release: Record<'version' | 'date' | 'site' | 'source', string>;\nexport default release;\n",
);

/** A prime is drawn raised: as a superscript too it would be small and hang in the air. */
const lowerPrimes = (mathml) =>
  mathml.replaceAll(
    /<msup>((?:(?!<\/?msup>).)*)<mo([^>]*) class="tml-prime">′<\/mo><\/msup>/g,
    '<mrow>$1<mo$2>′</mo></mrow>',
  );
/** Formulas as MathML, so that the page needs no typesetter. */
const formulas = Object.entries(JSON.parse(read('web/page/formulas.json'))).map(
  ([name, tex]) =>
    `  ${name}: ${JSON.stringify(lowerPrimes(temml.renderToString(tex, { throwOnError: true, displayMode: true })))},`,
);
write('formulas.js', `/** MathML by name, made from formulas.json. */\nexport default {\n${formulas.join('\n')}\n};\n`);
write(
  'formulas.d.ts',
  `declare const formulas: Record<${Object.keys(JSON.parse(read('web/page/formulas.json')))
    .map((name) => `'${name}'`)
    .join(' | ')}, string>;\nexport default formulas;\n`,
);

/** Words of equal valence are one level: by valence, its count and its distinct words. */
const levels = new Map();
for (const line of read('web/data/moby-dick.tsv').trimEnd().split('\n')) {
  const [, count, valence = '0'] = line.split('\t');
  const [tokens, types] = levels.get(valence) ?? [0, 0];
  levels.set(valence, [tokens + Number(count), types + 1]);
}
const rows = [...levels].map(([v, found]) => [Number(v), ...found]).sort(([a], [b]) => a - b);
/** What stands in the table as a decimal is exactly so many tenths. */
const tenths = rows.map(([v]) => Math.round(10 * v));
if (rows.some(([v], i) => v !== tenths[i] / 10)) throw new Error('a valence has more than one decimal');
// From one to the next: an embed loads half as much of them.
const steps = tenths.map((v, i) => v - (tenths[i - 1] ?? 0));
write(
  'moby-dick-levels.js',
  `let tenths = 0;
/** Valence, number of words and of distinct words, of all ${rows.reduce((sum, [, tokens]) => sum + tokens, 0)} words of Moby-Dick. */
export default {
  reward: [${steps}].map((more) => (tenths += more) / 10),
  count: [${rows.map(([, tokens]) => tokens)}],
  types: [${rows.map(([, , types]) => types)}],
};
`,
);
write(
  'moby-dick-levels.d.ts',
  "declare const levels: Record<'reward' | 'count' | 'types', number[]>;\nexport default levels;\n",
);
