import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** A screen whose frames come when they are told to. */
let now = 0;
let asked: ((now: number) => void)[] = [];
/** Figures that wait, and how many were drawn. */
let waiting = 0;
let count = 0;

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
  now = 1000;
  asked = [];
  waiting = 0;
  count = 0;
  vi.stubGlobal('performance', { now: () => now });
  vi.stubGlobal('requestAnimationFrame', (callback: (now: number) => void) => asked.push(callback));
  vi.stubGlobal('window', globalThis);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Milliseconds pass, and a frame comes. */
function frame(ms: number) {
  now += ms;
  const due = asked;
  asked = [];
  for (const callback of due) callback(now);
}

/** Keeps three figures waiting for `frames` frames that are `ms` apart; how many were drawn. */
async function drawn(frames: number, ms: number, cost = 0) {
  const { inTurn } = await import('../../web/session/frames.js');
  const before = count;
  for (let i = 0; i < frames; i++) {
    for (; waiting < 3; waiting++)
      void inTurn(() => {
        count++;
        waiting--;
        now += cost;
      });
    frame(ms);
  }
  return count - before;
}

test('frames on time draw what their time allows', async () => {
  expect(await drawn(10, 16)).toBe(30);
  expect(await drawn(10, 16, 2)).toBe(20);
});

test('after a late frame each draws one, after more of them every other one', async () => {
  await drawn(5, 16);
  await drawn(1, 33);
  expect(await drawn(12, 16)).toBe(12);
  await drawn(2, 33);
  expect(await drawn(12, 16)).toBe(6);
});

test('a machine that catches up draws more again, one that does not is tried more and more seldom', async () => {
  await drawn(1, 16);
  await drawn(1, 33);
  await drawn(40, 16);
  expect(await drawn(10, 16)).toBe(30);
  // Late again at once: the next try waits for twice as long.
  await drawn(1, 33);
  await drawn(40, 16);
  expect(await drawn(10, 16)).toBe(10);
});

test('an edge in view takes one turn in four', async () => {
  const { inTurn } = await import('../../web/session/frames.js');
  await drawn(1, 16);
  await drawn(1, 33);
  const order: string[] = [];
  const again = (name: string, edge: boolean): void =>
    void inTurn(() => {
      order.push(name);
      again(name, edge);
    }, edge);
  again('figure', false);
  again('edge', true);
  // Those that were left of before go first.
  for (let i = 0; i < 11; i++) frame(16);
  expect(order.slice(-8).filter((name) => name === 'edge')).toHaveLength(2);
});

test('words wait only where frames come late and a hand drags', async () => {
  const { dragged, Words } = await import('../../web/session/frames.js');
  const again = vi.fn();
  const words = new Words<string>(again);
  const later = (ms: number) => {
    now += ms;
    vi.advanceTimersByTime(ms);
  };
  dragged(false);
  expect(words.say(() => 'a')).toBe('a');
  expect(words.say(() => 'b')).toBe('b');
  await drawn(1, 16);
  await drawn(1, 33);
  later(300);
  dragged(false);
  expect(words.say(() => 'c')).toBe('c');
  later(16);
  expect(words.say(() => 'd')).toBe('c');
  later(300);
  expect(again).toHaveBeenCalledOnce();
  expect(words.say(() => 'e')).toBe('e');
  later(16);
  dragged(true);
  expect(words.say(() => 'f')).toBe('f');
});

test('a frame that lays out words draws no figure', async () => {
  const { dragged, Words } = await import('../../web/session/frames.js');
  const words = new Words<number>(() => {});
  await drawn(1, 16);
  await drawn(1, 33);
  dragged(true);
  let drawings = 0;
  for (let i = 0; i < 12; i++) {
    now += 1;
    if (i % 4 === 0) words.say(() => i);
    drawings += await drawn(1, 15);
  }
  expect(drawings).toBe(9);
});
