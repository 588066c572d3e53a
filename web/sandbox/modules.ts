import createCore from '../../build/wasm/tiltlab_core.mjs';
import coreWasm from '../../build/wasm/tiltlab_core.wasm?deflated';
import type { FullModule } from '../engine/module.js';
import { once } from '../engine/once.js';
import { bytesOf } from './bytes.js';

/**
 * `engine/modules.ts` for frames without an origin: they may fetch nothing unless the host sends CORS headers, but they
 * may run scripts, so the wasm comes inside of those.
 */
export const loadCore = once(() => createCore({ wasmBinary: bytesOf(coreWasm) }));

/** The script's address from the document's; set by the build. */
declare const fullScript: string;

export const loadFull = once(async (): Promise<FullModule> => {
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL(fullScript, document.baseURI).href;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${fullScript} could not be loaded`));
    document.head.append(script);
  });
  const { tiltlabFull } = globalThis as unknown as { tiltlabFull: () => Promise<FullModule> };
  return tiltlabFull();
});
