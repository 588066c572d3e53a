// A PNG of few colours, as pages have them.
import { deflateSync } from 'node:zlib';

const crcs = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
const crc = (bytes) => {
  let c = 0xffffffff;
  for (const byte of bytes) c = crcs[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};
const chunk = (name, data) => {
  const body = Buffer.concat([Buffer.from(name), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
};

/** The pixels' colours as a list of 256, the commonest, and each pixel as a place in it: a third of the room of plain pixels. */
function listed(pixels) {
  const colours = Array.from({ length: pixels.length / 4 }, (_, i) => pixels.slice(4 * i, 4 * i + 3).join());
  const counts = new Map();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 256)
    .map(([colour]) => colour.split(',').map(Number));
  const distance = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
  const nearest = new Map(
    [...counts.keys()].map((colour) => {
      const channels = colour.split(',').map(Number);
      const distances = palette.map((other) => distance(channels, other));
      return [colour, distances.indexOf(Math.min(...distances))];
    }),
  );
  return { palette, places: colours.map((colour) => nearest.get(colour)) };
}

/** @param pixels red, green, blue and opacity of each, row by row @returns {Buffer} the file's bytes */
export function pngOf(pixels, width, height) {
  const { palette, places } = listed(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  places.forEach((place, i) => {
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = place;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
