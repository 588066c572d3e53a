import { parentPort } from 'node:worker_threads';
import { refusalOf } from '../engine/error.js';
import { loadEngine, type Scenario } from '../engine/index.js';
import type { BlockReply } from '../engine/simulation.js';

const engine = loadEngine();

parentPort?.on('message', async ({ scenario, block }: { scenario: Scenario; block: number }) => {
  let reply: BlockReply;
  try {
    reply = { type: 'block', block, sums: (await engine).simulateBlock(scenario, block) };
  } catch (error) {
    reply = { type: 'block-error', ...refusalOf(error) };
  }
  parentPort?.postMessage(reply);
});
