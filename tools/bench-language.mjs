// Tokens a second of language models, in wasm on one core: one stream, and drafts side by side.
//
//   tools/build engine && node tools/bench-language.mjs [CHECKPOINT TOKENIZER]
//   tools/build package && node tools/bench-language.mjs --first-token     how soon a page has one
//   node tools/bench-language.mjs --against RUN_C [CHECKPOINT TOKENIZER]   beside llama2.c's own program, of its file run.c or the
//                                                                          folder where it is; CC compiles it, else cc
//
// Without files: those of the folder that TILTLAB_SHARED names, where it is set, and models of weights by chance.
import { readFileSync } from 'node:fs';
import create from '../build/wasm/tiltlab_language.mjs';

const wasmBinary = readFileSync(new URL('../build/wasm/tiltlab_language.wasm', import.meta.url));
const core = await create({ wasmBinary });
const unwrap = (result) => {
  if (!('value' in result)) throw new Error(result.message);
  return result.value;
};

/** A checkpoint of version 1 or 2 whose numbers are small and by chance. */
function byChance(version, [dim, hidden, layers, heads, kvHeads, vocabulary, positions]) {
  const kv = (dim / heads) * kvHeads;
  const norms = (2 * layers + 1) * dim;
  const group = 32;
  const matrices = [
    vocabulary * dim,
    ...[dim * dim, kv * dim, kv * dim, dim * dim, hidden * dim, dim * hidden, hidden * dim].flatMap((size) =>
      Array(layers).fill(size),
    ),
  ];
  const bytes = (size) => (version === 1 ? 4 * size : size + (4 * size) / group);
  const file = Buffer.alloc(256 + 4 * norms + matrices.reduce((sum, size) => sum + bytes(size), 0));
  file.writeUInt32LE(0x616b3432, 0);
  [version, dim, hidden, layers, heads, kvHeads, vocabulary, positions].forEach((x, i) => {
    file.writeInt32LE(x, 4 + 4 * i);
  });
  file[36] = 1;
  if (version === 2) file.writeInt32LE(group, 37);
  let at = 256;
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const floats = (count, value) => {
    for (let i = 0; i < count; i++, at += 4) file.writeFloatLE(value(), at);
  };
  floats(norms, () => 1);
  for (const size of matrices) {
    if (version === 1) floats(size, () => next() / 8);
    else {
      for (let i = 0; i < size; i++) file.writeInt8(Math.round(254 * next()), at++);
      floats(size / group, () => 1 / 8 / 254);
    }
  }
  return file;
}

function tokens(count) {
  const pieces = ['<unk>', '<s>', '</s>', ...Array.from({ length: count - 3 }, (_, i) => ` ${i}`)];
  const parts = pieces.map((piece) => {
    const head = Buffer.alloc(8);
    head.writeInt32LE(piece.length, 4);
    return Buffer.concat([head, Buffer.from(piece)]);
  });
  const most = Buffer.alloc(4);
  most.writeInt32LE(8);
  return Buffer.concat([most, ...parts]);
}

/** Milliseconds that the process computed: what others have of the core does not count. */
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Of the best of some runs. */
function speed(count, length, repeats) {
  const settings = { prompt: '', length, first: 0, count, greedy: false, temperature: 1, seed: 1 };
  let best = 0;
  for (let i = 0; i < repeats; i++) {
    const start = clock();
    const { drafts } = unwrap(core.generate_drafts(settings));
    const drawn = drafts.reduce((sum, draft) => sum + draft.tokens.length, 0);
    best = Math.max(best, (1000 * drawn) / (clock() - start));
  }
  return best;
}

const isFirst = process.argv[2] === '--first-token';
const isAgainst = process.argv[2] === '--against';
const [checkpoint, tokenizer] = process.argv.slice(isAgainst ? 4 : isFirst ? 3 : 2);
const shared = process.env.TILTLAB_SHARED;

if (isAgainst) {
  const { againstC } = await import('./against-c.mjs');
  if (!checkpoint && !shared) throw new Error('neither CHECKPOINT TOKENIZER nor TILTLAB_SHARED says which model');
  const folder = `${shared}/data/stories260K`;
  const files = checkpoint
    ? { checkpoint, tokenizer }
    : { checkpoint: `${folder}/stories260K.bin`, tokenizer: `${folder}/tok512.bin` };
  unwrap(core.read_language_model(readFileSync(files.checkpoint), readFileSync(files.tokenizer)));
  const drawn = (settings) =>
    unwrap(core.generate_drafts({ prompt: '', first: 0, greedy: false, temperature: 1, ...settings })).drafts;
  const { speeds, ratios } = againstC(process.argv[3] ?? '', files, drawn);
  console.table({ 'tokens a second': speeds });
  console.table({ 'median (least to most)': ratios });
  process.exit();
}

if (isFirst) {
  const { firstTokens } = await import('./first-token.mjs');
  const data = new URL('../web/data/', import.meta.url);
  const model = (name, prompt, from, to) => ({
    name,
    prompt,
    checkpoint: readFileSync(from),
    tokenizer: readFileSync(to),
  });
  const own = [new URL('moby-dick-model.bin', data), new URL('moby-dick-tokenizer.bin', data)];
  const models = checkpoint ? [model(checkpoint, '', checkpoint, tokenizer)] : [model('the page’s own', '', ...own)];
  if (!checkpoint) models.push(model('the same, after a prompt', 'The whale had been seen by nobody', ...own));
  if (!checkpoint && shared) {
    const folder = `${shared}/data/stories260K`;
    models.push(model('stories260K', '', `${folder}/stories260K.bin`, `${folder}/tok512.bin`));
  }
  console.table(await firstTokens(models));
  process.exit();
}
const models = [];
if (checkpoint) models.push([checkpoint, () => [readFileSync(checkpoint), readFileSync(tokenizer)], 200]);
else {
  const folder = `${shared}/data/stories260K`;
  const files = () => [readFileSync(`${folder}/stories260K.bin`), readFileSync(`${folder}/tok512.bin`)];
  if (shared) models.push(['stories260K', files, 200]);
  const small = [64, 172, 5, 8, 4, 512, 512];
  const large = [288, 768, 6, 6, 6, 32000, 256];
  models.push(['260 thousand by chance, int8', () => [byChance(2, small), tokens(512)], 200]);
  models.push(['15 million by chance', () => [byChance(1, large), tokens(32000)], 20]);
  models.push(['15 million by chance, int8', () => [byChance(2, large), tokens(32000)], 20]);
}
const rows = [];
for (const [name, files, length] of models) {
  const start = performance.now();
  unwrap(core.read_language_model(...files()));
  const read = performance.now() - start;
  const quick = length > 100;
  // Until the engine has compiled it well.
  speed(1, length, quick ? 60 : 1);
  const at = (count) => speed(count, length, quick ? Math.ceil(100 / count) : 2);
  const [one, sixteen, many] = [at(1), at(16), at(64)];
  rows.push({
    model: name,
    'read (ms)': read.toFixed(0),
    'one stream': one.toFixed(0),
    '16 drafts': sixteen.toFixed(0),
    '64 drafts': many.toFixed(0),
    '64 to one': (many / one).toFixed(2),
  });
}
console.table(rows);
