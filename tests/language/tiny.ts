/** Small models of weights by chance, in the files that are read. */

export interface Shape {
  dim: number;
  hidden: number;
  layers: number;
  heads: number;
  kvHeads: number;
  vocabulary: number;
  positions: number;
}

export const tinyShape: Shape = {
  dim: 24,
  hidden: 20,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  vocabulary: 270,
  positions: 48,
};

/** A tensor's numbers; which of them are norms decides where versions 1 and 2 have them. */
interface Tensor {
  name: string;
  numbers: Float32Array;
}

function tensorsOf({ dim, hidden, layers, heads, kvHeads, vocabulary }: Shape, seed: number): Tensor[] {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const kv = (dim / heads) * kvHeads;
  const one = (name: string, size: number): Tensor => ({
    name,
    numbers: Float32Array.from({ length: size }, () => (name.endsWith('norm') ? 1 : 0) + next()),
  });
  const each = (name: string, size: number) => Array.from({ length: layers }, () => one(name, size));
  return [
    one('embeddings', vocabulary * dim),
    ...each('attention norm', dim),
    ...each('wq', dim * dim),
    ...each('wk', kv * dim),
    ...each('wv', kv * dim),
    ...each('wo', dim * dim),
    ...each('ffn norm', dim),
    ...each('w1', hidden * dim),
    ...each('w2', dim * hidden),
    ...each('w3', hidden * dim),
    one('last norm', dim),
  ];
}

const versionedOrder = [
  'attention norm',
  'ffn norm',
  'last norm',
  'embeddings',
  'wq',
  'wk',
  'wv',
  'wo',
  'w1',
  'w2',
  'w3',
];
const versioned = (tensors: Tensor[]) =>
  versionedOrder.flatMap((name) => tensors.filter((tensor) => tensor.name === name));

const bytesOf = (array: Float32Array | Int32Array | Int8Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function joined(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A tensor's signed bytes and then their scales, in groups. */
function quantised(numbers: Float32Array, group: number): Uint8Array[] {
  const bytes = new Int8Array(numbers.length);
  const scales = new Float32Array(numbers.length / group);
  for (let g = 0; g < scales.length; g++) {
    const of = numbers.subarray(g * group, (g + 1) * group);
    scales[g] = Math.max(...of.map(Math.abs)) / 127;
    of.forEach((x, k) => {
      bytes[g * group + k] = Math.round(x / (scales[g] as number));
    });
  }
  return [bytesOf(bytes), bytesOf(scales)];
}

/** @param version 0, 1 or 2; 2 in groups of 8 */
export function checkpoint(version: 0 | 1 | 2, seed = 7, shape = tinyShape): Uint8Array {
  const { dim, hidden, layers, heads, kvHeads, vocabulary, positions } = shape;
  const sizes = Int32Array.of(dim, hidden, layers, heads, kvHeads, vocabulary, positions);
  const tensors = tensorsOf(shape, seed);
  const numbersOf = (all: Tensor[]) => all.map(({ numbers }) => bytesOf(numbers));
  if (version === 0)
    return joined([bytesOf(sizes), ...numbersOf(tensors), new Uint8Array(4 * positions * (dim / heads))]);
  const header = new Uint8Array(256);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x616b3432, true);
  view.setInt32(4, version, true);
  header.set(bytesOf(sizes), 8);
  header[36] = 1;
  if (version === 1) return joined([header, ...numbersOf(versioned(tensors))]);
  view.setInt32(37, 8, true);
  const parts = versioned(tensors).flatMap(({ name, numbers }) =>
    name.endsWith('norm') ? [bytesOf(numbers)] : quantised(numbers, 8),
  );
  return joined([header, ...parts]);
}

/** Specials, bytes and eleven more. */
export function tokenizer(): Uint8Array {
  const hex = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  const pieces = [
    '<unk>',
    '\n<s>\n',
    '\n</s>\n',
    ...Array.from({ length: 256 }, (_, byte) => hex(byte)),
    ...' |a|b|ab| a|aa| ab|é|abab|c|d'.split('|'),
  ];
  return joined([
    bytesOf(Int32Array.of(8)),
    ...pieces.flatMap((piece, i) => {
      const letters = new TextEncoder().encode(piece);
      return [bytesOf(Float32Array.of(-i)), bytesOf(Int32Array.of(letters.length)), letters];
    }),
  ]);
}
