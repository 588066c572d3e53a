import createSamples from '../../../build/wasm/tiltlab_samples.mjs';
import wasm from '../../../build/wasm/tiltlab_samples.wasm?deflated';
import table from '../../data/humaneval-codegen16b.tsv?deflated';
import { once } from '../../engine/once.js';
import { bytesOf } from '../../sandbox/bytes.js';
import { makeSampleEngine } from '../engine.js';
import type { Request } from '../protocol.js';
import { Server } from '../serve.js';

/** The worker that holds a reader's drafts: all that it needs is in its text, since it may fetch nothing. */
const server = new Server({
  engine: once(async () => makeSampleEngine(await createSamples({ wasmBinary: bytesOf(wasm) }))),
  shipped: () => new TextDecoder().decode(bytesOf(table)),
  post: (reply) => self.postMessage(reply),
});
self.onmessage = ({ data }: MessageEvent<Request>) => void server.handle(data);
