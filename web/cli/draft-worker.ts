import { parentPort, workerData } from 'node:worker_threads';
import { refusalOf } from '../scenario/error.js';
import { type DraftReply, drafter, type Means, type Share } from './drafting.js';

const draw = drafter(workerData as Means);
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
