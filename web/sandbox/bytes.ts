import { inflateSync } from 'fflate';

/** The bytes that a script carries, deflated, as base64. Not by `fetch` of a data URL: a content policy may forbid that. */
export const bytesOf = (base64: string): Uint8Array =>
  inflateSync(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
