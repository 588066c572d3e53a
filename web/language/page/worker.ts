import createLanguage from '../../../build/wasm/tiltlab_language.mjs';
import wasm from '../../../build/wasm/tiltlab_language.wasm?deflated';
import checkpoint from '../../data/moby-dick-model.bin?deflated';
import tokenizer from '../../data/moby-dick-tokenizer.bin?deflated';
import lexicon from '../../data/vader-lexicon.tsv?deflated';
import { once } from '../../engine/once.js';
import { bytesOf } from '../../sandbox/bytes.js';
import { makeLanguageEngine } from '../engine.js';
import type { Request } from './protocol.js';
import { Server } from './serve.js';

/** A worker that holds a language model: all that it needs is in its text, so that it works in a file on its own too. */
const server = new Server({
  engine: once(async () => makeLanguageEngine(await createLanguage({ wasmBinary: bytesOf(wasm) }))),
  shipped: () => ({ checkpoint: bytesOf(checkpoint), tokenizer: bytesOf(tokenizer) }),
  lexicon: () => new TextDecoder().decode(bytesOf(lexicon)),
  post: (reply) => self.postMessage(reply),
});
/** One after another: a model is there before anything is asked of it. */
let last: Promise<void> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Request>) => {
  last = last.then(() => server.handle(data));
};
