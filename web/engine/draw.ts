import type { Scenario } from '../scenario/scenario.js';
import { isHere, openPort } from './port.js';
import type { Reply } from './protocol.js';
import {
  type Block,
  type BlockWorker,
  blocksOf,
  onWorkers,
  type Progress,
  replicatesIn,
  type Simulated,
} from './simulation.js';

const cores = () => (isHere() ? 1 : Math.max(1, Math.min(8, navigator.hardwareConcurrency || 2)));

function blockWorker(): BlockWorker {
  let reply: (message: Reply) => void = () => {};
  let gone: (reason: string) => void = () => {};
  const port = openPort(
    'worker',
    (message) => reply(message),
    (reason) => gone(reason),
  );
  let sent: Scenario | null = null;
  return {
    post({ scenario, ...message }) {
      port.post(scenario === sent ? message : { ...message, scenario });
      sent = scenario;
    },
    listen(onReply, died) {
      gone = died;
      reply = (message) => {
        if (message.type === 'block' || message.type === 'block-error') onReply(message);
        else if (message.type === 'error') died(message.message);
      };
    },
    close: () => port.close(),
  };
}

/** Draws on workers of their own; `summarise` asks the page's engine what the blocks so far say. */
export async function draw(
  scenario: Scenario,
  summarise: (blocks: readonly Block[]) => Promise<Simulated>,
  onProgress: (progress: Progress, partial: Simulated) => void,
  signal: AbortSignal,
): Promise<Simulated> {
  const done: Block[] = [];
  const { count } = blocksOf(scenario);
  let busy = false;
  let last = 0;
  await onWorkers(blockWorker, cores()).run(
    scenario,
    Array.from({ length: count }, (_, k) => k),
    (block) => {
      done.push(block);
      if (busy || done.length === count || performance.now() - last < 200) return;
      busy = true;
      last = performance.now();
      const progress = {
        done: done.length,
        blocks: count,
        replicates: replicatesIn(
          scenario,
          done.map(({ index }) => index),
        ),
      };
      void summarise(done).then((partial) => {
        busy = false;
        if (done.length < count && !signal.aborted) onProgress(progress, partial);
      });
    },
    signal,
  );
  return summarise(done);
}
