import { inflateSync } from 'node:zlib';

/** The marks of a figure on paper: curves in the colours of KL-RL and of best-of-N. */
const colours = { 'KL-RL': [0, 0x72, 0xb2], 'best-of-N': [0xc4, 0x4d, 0] } as const;

/** How many strokes of each colour a PDF has, in all of its pages. */
export function strokesIn(pdf: Buffer): Record<keyof typeof colours, number> {
  const text = pdf.toString('latin1');
  const streams = [...text.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, bytes = '']) => {
    const raw = Buffer.from(bytes, 'latin1');
    try {
      return inflateSync(raw).toString('latin1');
    } catch {
      return bytes;
    }
  });
  const set = streams
    .flatMap((stream) => [...stream.matchAll(/([\d.]+) ([\d.]+) ([\d.]+) RG\b/g)])
    .map(([, ...rgb]) => rgb.map((part) => Math.round(255 * Number(part))));
  const count = (wanted: readonly number[]) => set.filter((rgb) => rgb.join() === wanted.join()).length;
  return { 'KL-RL': count(colours['KL-RL']), 'best-of-N': count(colours['best-of-N']) };
}
