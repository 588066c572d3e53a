import { parentPort, workerData } from 'node:worker_threads';
import { refusalOf } from '../scenario/error.js';
import { type DraftReply, drafter, engineOf, type Means, type Share } from './drafting.js';

const means = workerData as Means;
const draw = engineOf(means).then((engine) => drafter(engine, means));
// It is told to whoever asks.
draw.catch(() => {});

parentPort?.on('message', async (share: Share) => {
  let reply: DraftReply;
  try {
    reply = { drafted: (await draw)(share) };
  } catch (error) {
    reply = { refused: refusalOf(error) };
  }
  parentPort?.postMessage(reply);
});
