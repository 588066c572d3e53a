import { parentPort } from 'node:worker_threads';
import { loadEngine, type Scenario } from '../engine/index.js';
import type { BlockReply } from '../engine/simulation.js';
import { refusalOf } from '../scenario/error.js';

const engine = loadEngine();

let last: Scenario | undefined;

// Without a scenario the block is of the last one.
parentPort?.on('message', async (asked: { scenario?: Scenario; block: number }) => {
  const { block } = asked;
  last = asked.scenario ?? last;
  const scenario = last as Scenario;
  let reply: BlockReply;
  try {
    reply = { type: 'block', block, sums: (await engine).simulateBlock(scenario, block) };
  } catch (error) {
    reply = { type: 'block-error', ...refusalOf(error) };
  }
  parentPort?.postMessage(reply);
});
