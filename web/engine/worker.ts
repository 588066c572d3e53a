import createCore from '../../build/wasm/tiltlab_core.mjs';
import { TiltLabError } from './error.js';
import { makeEngine } from './facade.js';
import type { Reply, Request } from './protocol.js';

const reply = (message: Reply) => self.postMessage(message);

const fail = (error: unknown) => {
  if (error instanceof TiltLabError)
    reply({ type: 'error', kind: error.kind, message: error.message, path: error.path });
  else reply({ type: 'error', kind: 'engine', message: String(error), path: '' });
};

const engine = makeEngine(createCore);
engine.then((e) => reply({ type: 'ready', version: e.version }), fail);

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  try {
    const e = await engine;
    reply({ type: 'view', view: e.view(data.scenario, data.options) });
  } catch (error) {
    fail(error);
  }
};
