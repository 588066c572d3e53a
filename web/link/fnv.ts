/**
 * FNV-1a with 64 bits (Fowler, Noll and Vo), of UTF-16 units. The state in two halves: with big integers it takes twenty
 * times as long.
 */
export function fnv1a(text: string): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    // Times 2^40 + 435, modulo 2^64.
    const product = low * 435;
    high = (Math.imul(high, 435) + Math.imul(low, 256) + Math.floor(product / 2 ** 32)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}
