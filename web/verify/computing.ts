/** The worker of the page that compares bits; named unlike the engine’s own, beside which its script lies. */
import { asChecked, makeEngine } from '../engine/facade.js';
import { loadFull } from '../engine/modules.js';
import { digestsOf } from './digest.js';
import type { Reply } from './protocol.js';
import { groups } from './scenarios.js';

const reply = (message: Reply) => self.postMessage(message);

async function run() {
  const engine = await makeEngine(loadFull, asChecked);
  reply({ type: 'begun', engine: engine.version });
  await digestsOf(engine, groups, (group, _, digest) => reply({ type: 'check', group, digest }));
  reply({ type: 'done' });
}

// It starts on its own: whoever has enough of it closes it.
run().catch((error) => reply({ type: 'error', message: String(error) }));
