import { Inflate } from 'fflate';

/** Bytes of text that a link's data may unfold to. */
const mostBytes = 32_000_000;

/** @throws Error when `packed` is not what `pack` makes, or unfolds to more than 32 MB */
export function unpack(packed: string): string {
  if (!/^[\w-]*$/.test(packed)) throw new Error('has characters that are not in the alphabet');
  const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
  const parts: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  const inflate = new Inflate((part, final) => {
    size += part.length;
    if (size > mostBytes) throw new Error('unfolds to more than 32 MB');
    parts.push(part);
    ended = final;
  });
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // In slices, so that a bomb is seen before it has unfolded.
  const slice = 16_384;
  for (let i = 0; i < bytes.length; i += slice) inflate.push(bytes.subarray(i, i + slice), i + slice >= bytes.length);
  if (!ended) throw new Error('ends too early');
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(whole);
}
