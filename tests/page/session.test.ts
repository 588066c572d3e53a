import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { EngineClient } from '../../web/engine/client.js';
import type { View } from '../../web/engine/types.js';
import { Address } from '../../web/session/address.js';
import { unpacked } from '../../web/session/hash.js';
import { OpenedLink } from '../../web/session/opened-link.js';
import { Session } from '../../web/session/session.js';
import { decodeLink, encodeLink, engine, type Scenario, stampOf } from '../engine/engine.js';

/** What was asked of an engine that answers when it is told to, and by which of its lanes. */
let asked: { lane: number; scenario: Scenario; answer(view: View | null): void; refuse(error: Error): void }[] = [];
let lanes = 0;
const client = {
  lane() {
    const lane = lanes++;
    return {
      view: (scenario: Scenario) =>
        new Promise<View | null>((answer, refuse) => asked.push({ lane, scenario, answer, refuse })),
    };
  },
} as unknown as EngineClient;
const pushState = vi.fn();
const replaceState = vi.fn();

beforeEach(() => {
  asked = [];
  lanes = 0;
  pushState.mockReset();
  replaceState.mockReset();
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('location', { hash: '' });
  vi.stubGlobal('history', { state: null, pushState, replaceState });
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
const budgeted = (kl: number): Scenario => ({ ...scenario, budget: { kl } });
const viewOf = (s: Scenario) => engine.view(s, { klEnd: 1, curves: [] });
const begin = () => new Session(() => client, unpacked);
const settle = () => new Promise((resolve) => setTimeout(resolve));
/** Answers what was asked, the oldest first, and what is asked meanwhile. */
async function answerAll() {
  for (let next = asked.shift(); next; next = asked.shift()) {
    next.answer(viewOf(next.scenario));
    await settle();
  }
}

describe('the address', () => {
  test('follows a change whose request was replaced by one for more of the same', async () => {
    const session = begin();
    const address = new Address(session);
    void address.open('');
    const view = viewOf(scenario);
    asked[0]?.answer(view);
    await settle();
    // One change is being answered, another waits.
    const first = budgeted(0.1);
    void session.change(first, false);
    void session.change(scenario);
    // A figure comes into view before the engine has got to it.
    session.need('tilt', true);
    expect(asked).toHaveLength(4);
    asked[2]?.answer(null);
    await settle();
    asked[1]?.answer(viewOf(first));
    await settle();
    expect(pushState).not.toHaveBeenCalled();
    asked[3]?.answer(view);
    await settle();
    expect(pushState).toHaveBeenCalledOnce();
    expect(decodeLink(pushState.mock.calls[0]?.[2]).scenario).toEqual(scenario);
  });

  test('is not written for what is refused, and its notices go with the next change', async () => {
    const session = begin();
    const address = new Address(session);
    void address.open('');
    await answerAll();
    address.refuse('link', '"x" is no part of this page');
    expect(address.problems.map(({ message }) => message)).toEqual(['link: "x" is no part of this page']);
    void session.change(budgeted(0.3));
    expect(address.problems).toEqual([]);
    asked.shift()?.refuse(new Error('no'));
    await settle();
    expect(session.error?.message).toBe('Error: no');
    expect(session.scenario).toBe(session.shown?.scenario);
    expect(pushState).not.toHaveBeenCalled();
    void session.change(budgeted(0.4));
    await answerAll();
    expect(session.error).toBeNull();
    expect(pushState).toHaveBeenCalledOnce();
    expect([address.canUndo, address.canRedo]).toEqual([true, false]);
  });

  test('of an embed is never written; its link has a verdict all the same', async () => {
    const session = begin();
    const link = new OpenedLink(session);
    const view = viewOf(scenario);
    void link.open(encodeLink(scenario, stampOf(view.report)));
    await answerAll();
    expect(link.verdict?.kind).toBe('reproduced');
    void session.change(budgeted(0.3));
    expect(link.verdict).toBeNull();
    await answerAll();
    void session.load(link.scenario);
    await answerAll();
    expect(session.shown?.scenario).toBe(link.scenario);
    expect(pushState).not.toHaveBeenCalled();
    expect(replaceState).not.toHaveBeenCalled();
  });
});

describe('two sessions of one engine', () => {
  test('show each its own, whichever is answered first, and tell only those who listen to them', async () => {
    const [left, right] = [begin(), begin()];
    const told = { left: 0, right: 0 };
    left.subscribe(() => told.left++);
    right.subscribe(() => told.right++);
    void left.change(budgeted(0.1));
    void right.change(budgeted(0.2));
    expect(asked.map(({ lane }) => lane)).toEqual([0, 1]);
    expect(told).toEqual({ left: 1, right: 1 });
    asked[1]?.answer(viewOf(budgeted(0.2)));
    await settle();
    expect(right.shown?.view.report.budget.kl).toBe(0.2);
    expect(left.shown).toBeNull();
    expect(told).toEqual({ left: 1, right: 2 });
    asked[0]?.answer(viewOf(budgeted(0.1)));
    await settle();
    expect(left.shown?.view.report.budget.kl).toBe(0.1);
    expect(right.shown?.view.report.budget.kl).toBe(0.2);
  });

  test('need each its own parts, and fail each by itself', async () => {
    const [left, right] = [begin(), begin()];
    void left.change(budgeted(0.1));
    void right.change(budgeted(0.2));
    await answerAll();
    right.need('tilt', true);
    expect(asked.map(({ lane }) => lane)).toEqual([1]);
    asked.shift()?.refuse(new Error('no'));
    await settle();
    expect(right.error?.message).toBe('Error: no');
    expect(left.error).toBeNull();
    left.setNear({ tilt: 1, bend: 1 }, true);
    expect(right.near).toEqual({ tilt: -0.3, bend: 0.8 });
  });

  test('over a real engine, one that drags leaves the other its turns', async () => {
    vi.doMock('../../web/engine/port.js', () => ({
      isHere: () => false,
      openPort(_kind: string, onReply: (reply: unknown) => void) {
        let busy = Promise.resolve();
        return {
          post(request: { type: string; scenario: Scenario; options: { klEnd: number } }) {
            busy = busy.then(async () => {
              if (request.type !== 'view') return;
              onReply({ type: 'begun' });
              await new Promise((resolve) => setTimeout(resolve, 8));
              onReply({ type: 'view', view: engine.view(request.scenario, request.options), same: [] });
            });
          },
          close() {},
        };
      },
    }));
    const { connect } = await import('../../web/engine/client.js');
    const shared = connect();
    const [left, right] = [new Session(() => shared, unpacked), new Session(() => shared, unpacked)];
    const seen = { left: new Set<number>(), right: new Set<number>() };
    left.subscribe(() => left.shown && seen.left.add(left.shown.view.report.budget.kl));
    right.subscribe(() => right.shown && seen.right.add(right.shown.view.report.budget.kl));
    // Steps come faster than views: of each session most are passed over, and none of the other's takes their place.
    for (let step = 1; step <= 60; step++) {
      void left.change(budgeted(step / 100), false);
      if (step % 2 === 0) void right.change(budgeted(1 + step / 100), step < 60);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    await left.change(budgeted(0.61));
    await right.change(budgeted(1.61));
    expect(left.shown?.view.report.budget.kl).toBe(0.61);
    expect(right.shown?.view.report.budget.kl).toBe(1.61);
    expect(Math.max(...seen.left)).toBeLessThan(1);
    expect(Math.min(...seen.right)).toBeGreaterThan(1);
    for (const { size } of [seen.left, seen.right]) expect(size).toBeGreaterThan(5);
    shared.close();
    vi.doUnmock('../../web/engine/port.js');
  });
});
