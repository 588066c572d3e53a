/** A decoder written plainly, in double and without a cache, of a checkpoint in six bits: what the engine is held against. */

interface Layer {
  attentionNorm: Float32Array;
  hiddenNorm: Float32Array;
  wq: number[][];
  wk: number[][];
  wv: number[][];
  wo: number[][];
  w1: number[][];
  w2: number[][];
  w3: number[][];
}
export interface Plain {
  dim: number;
  heads: number;
  embeddings: number[][];
  layers: Layer[];
  lastNorm: Float32Array;
}

const halfOf = (bits: number) => {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
};

/** Of a file of version 6 whose classifier is its embeddings. */
export function readPlain(file: Uint8Array): Plain {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const [dim = 0, hidden = 0, layers = 0, heads = 0, , vocabulary = 0] = Array.from({ length: 7 }, (_, i) =>
    view.getInt32(8 + 4 * i, true),
  );
  let at = 256;
  const norm = () => {
    const out = Float32Array.from({ length: dim }, (_, i) => view.getFloat32(at + 4 * i, true));
    at += 4 * dim;
    return out;
  };
  const matrix = (rows: number, columns: number): number[][] => {
    const codes = file.subarray(at, at + (rows * columns * 3) / 4);
    at += codes.length;
    const code = (k: number) => {
      const from = Math.floor(k / 4) * 3;
      const bits = (codes[from] ?? 0) | ((codes[from + 1] ?? 0) << 8) | ((codes[from + 2] ?? 0) << 16);
      return ((bits >> (6 * (k % 4))) & 63) - 32;
    };
    const out = Array.from({ length: rows }, (_, r) => {
      const scale = halfOf(view.getUint16(at + 2 * r, true));
      return Array.from({ length: columns }, (_, c) => Math.fround(code(r * columns + c) * scale));
    });
    at += 2 * rows;
    return out;
  };
  const each = <T>(make: () => T) => Array.from({ length: layers }, make);
  const attentionNorms = each(norm);
  const hiddenNorms = each(norm);
  const lastNorm = norm();
  const embeddings = matrix(vocabulary, dim);
  const square = () => matrix(dim, dim);
  const [wq, wk, wv, wo] = [each(square), each(square), each(square), each(square)];
  const w1 = each(() => matrix(hidden, dim));
  const w2 = each(() => matrix(dim, hidden));
  const w3 = each(() => matrix(hidden, dim));
  const all = { attentionNorm: attentionNorms, hiddenNorm: hiddenNorms, wq, wk, wv, wo, w1, w2, w3 };
  return {
    dim,
    heads,
    embeddings,
    lastNorm,
    layers: each(() => 0).map(
      (_, i) => Object.fromEntries(Object.entries(all).map(([name, list]) => [name, list[i]])) as unknown as Layer,
    ),
  };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};
const times = (matrix: number[][], x: number[]) => matrix.map((row) => dot(row, x));
const normed = (x: number[], weight: Float32Array) => {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + 1e-5);
  return x.map((value, i) => value * scale * (weight[i] as number));
};
function turned(x: number[], head: number, position: number): number[] {
  const out = [...x];
  for (let i = 0; i < x.length; i += 2) {
    const angle = position * 10000 ** (-(i % head) / head);
    const [a = 0, b = 0] = [x[i], x[i + 1]];
    out[i] = a * Math.cos(angle) - b * Math.sin(angle);
    out[i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
  }
  return out;
}

/** log p of every token of the vocabulary after each of `tokens`, nats. */
export function plainLogs({ dim, heads, embeddings, layers, lastNorm }: Plain, tokens: readonly number[]): number[][] {
  const head = dim / heads;
  let states = tokens.map((token) => [...(embeddings[token] as number[])]);
  for (const layer of layers) {
    const keys: number[][] = [];
    const values: number[][] = [];
    states = states.map((state, position) => {
      const into = normed(state, layer.attentionNorm);
      const query = turned(times(layer.wq, into), head, position);
      keys.push(turned(times(layer.wk, into), head, position));
      values.push(times(layer.wv, into));
      const heard: number[] = [];
      for (let h = 0; h < heads; h++) {
        const part = (x: number[]) => x.slice(h * head, (h + 1) * head);
        const weights = keys.map((key) => Math.exp(dot(part(query), part(key)) / Math.sqrt(head)));
        const sum = weights.reduce((a, b) => a + b, 0);
        for (let i = 0; i < head; i++)
          heard.push(
            values.reduce(
              (total, value, t) => total + ((weights[t] as number) / sum) * (value[h * head + i] as number),
              0,
            ),
          );
      }
      const attended = times(layer.wo, heard).map((change, i) => (state[i] as number) + change);
      const next = normed(attended, layer.hiddenNorm);
      const up = times(layer.w3, next);
      const gate = times(layer.w1, next).map((value, i) => (value / (1 + Math.exp(-value))) * (up[i] as number));
      return times(layer.w2, gate).map((change, i) => (attended[i] as number) + change);
    });
  }
  return states.map((state) => {
    const logits = times(embeddings, normed(state, lastNorm));
    const top = Math.max(...logits);
    const log = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
    return logits.map((logit) => logit - top - log);
  });
}
