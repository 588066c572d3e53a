import { parentPort } from 'node:worker_threads';
import { loadEngine, type Scenario, TiltLabError } from '../engine/index.js';
import type { BlockReply } from '../engine/simulation.js';

const engine = loadEngine();

parentPort?.on('message', async ({ scenario, block }: { scenario: Scenario; block: number }) => {
  let reply: BlockReply;
  try {
    reply = { type: 'block', block, sums: (await engine).simulateBlock(scenario, block) };
  } catch (error) {
    const { kind, message, path } =
      error instanceof TiltLabError ? error : new TiltLabError('engine', String(error), '');
    reply = { type: 'block-error', kind, message, path };
  }
  parentPort?.postMessage(reply);
});
