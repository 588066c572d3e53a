import { beforeEach, expect, test, vi } from 'vitest';
import type { View } from '../../web/engine/types.js';
import { decodeLink, engine, type Scenario } from '../engine/engine.js';

/** What was asked of an engine that answers when it is told to. */
let asked: { scenario: Scenario; answer(view: View | null): void }[] = [];
vi.mock('../../web/engine/client.js', () => ({
  connect: () => ({
    idle: false,
    view: (scenario: Scenario) => new Promise((answer) => asked.push({ scenario, answer })),
  }),
}));
const pushState = vi.fn();

beforeEach(() => {
  asked = [];
  vi.resetModules();
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('location', { hash: '' });
  vi.stubGlobal('history', { state: null, pushState, replaceState: vi.fn() });
});

const scenario: Scenario = {
  v: 1,
  model: {
    kind: 'finite',
    outcomes: [
      { p: 0.5, reward: 0 },
      { p: 0.5, reward: 1 },
    ],
  },
  budget: { kl: 0.2 },
};
const settle = () => new Promise((resolve) => setTimeout(resolve));

test('the address follows a change whose request was replaced by one for more of the same', async () => {
  const { store } = await import('../../web/page/store.js');
  void store.open('');
  const view = engine.view(scenario, { klEnd: 1, curves: [] });
  asked[0]?.answer(view);
  await settle();
  // One change is being answered, another waits.
  const first = { ...scenario, budget: { kl: 0.1 } };
  void store.change(first, false);
  void store.change(scenario);
  // A figure comes into view before the engine has got to it.
  store.need('tilt', true);
  expect(asked).toHaveLength(4);
  asked[2]?.answer(null);
  await settle();
  asked[1]?.answer(engine.view(first, { klEnd: 1, curves: [] }));
  await settle();
  asked.at(-1)?.answer(view);
  asked[3]?.answer(view);
  await settle();
  expect(pushState).toHaveBeenCalledOnce();
  expect(decodeLink(pushState.mock.calls[0]?.[2]).scenario).toEqual(scenario);
});
