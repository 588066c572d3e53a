import { describe, expect, test } from 'vitest';
import { TiltLabError } from '../../web/scenario/error.js';
import type { Scenario } from '../../web/scenario/scenario.js';
import { Owing } from '../../web/session/owing.js';
import { Waiting } from '../../web/session/waiting.js';
import type { Shown } from '../../web/words/shown.js';

const of = (kl: number): Scenario => ({
  v: 1,
  model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 },
  budget: { kl },
});
const [a, b, c] = [of(1), of(2), of(3)];
const refusal = new TiltLabError('input', 'model: is refused', 'model');

describe('what is asked and what is shown', () => {
  const shown = (scenario: Scenario) => ({ scenario }) as Shown;
  const begin = () => new Waiting(a, 0.4);
  const moods = ({ asks, shows, scenario, end }: Waiting) => [asks, shows, scenario.budget, end];

  test('nothing, asking, answered', () => {
    const waiting = begin();
    expect(moods(waiting)).toEqual(['still', 'nothing', a.budget, 0.4]);
    waiting.ask(b, 0.5);
    expect(waiting.tell(true)).toBe('now');
    expect(moods(waiting)).toEqual(['asking', 'nothing', b.budget, 0.5]);
    waiting.answer(shown(b));
    expect(moods(waiting)).toEqual(['still', 'shown', b.budget, 0.5]);
  });

  test('what is dragged is told of when it takes long, and with each further step anew', () => {
    const waiting = begin();
    const first = waiting.ask(b, 0.4);
    expect(waiting.tell(false)).toBe('soon');
    expect(waiting.asks).toBe('dragging');
    const second = waiting.ask(c, 0.4);
    expect(waiting.tell(false)).toBe('due');
    waiting.told();
    expect(waiting.asks).toBe('asking');
    waiting.ask(a, 0.4);
    expect(waiting.tell(false)).toBe('soon');
    expect(waiting.asks).toBe('dragging');
    // Let go: told at once, whatever was due.
    waiting.ask(b, 0.4);
    expect(waiting.tell(true)).toBe('now');
    expect(waiting.asks).toBe('asking');
    expect(waiting.drop(second)).toBe(false);
    expect(waiting.drop(first)).toBe(true);
  });

  test('what the hand passed is shown, and what it came to is still asked for', () => {
    const waiting = begin();
    waiting.ask(b, 0.4);
    const second = waiting.ask(c, 0.4);
    waiting.ask(a, 0.4);
    waiting.answer(shown(b));
    expect(moods(waiting)).toEqual(['asking', 'shown', a.budget, 0.4]);
    expect(waiting.shown?.scenario).toBe(b);
    expect(waiting.drop(second)).toBe(false);
    waiting.answer(shown(a));
    expect(moods(waiting)).toEqual(['still', 'shown', a.budget, 0.4]);
  });

  test('what is refused gives way to what is shown, with its axis; an answer forgets it', () => {
    const waiting = begin();
    waiting.ask(b, 0.4);
    waiting.answer(shown(b));
    waiting.fail(waiting.ask(c, 2), refusal);
    expect(moods(waiting)).toEqual(['still', 'refused', b.budget, 0.4]);
    expect(waiting.error).toBe(refusal);
    waiting.ask(a, 0.4);
    expect(waiting.shows).toBe('refused');
    waiting.answer(shown(a));
    expect(moods(waiting)).toEqual(['still', 'shown', a.budget, 0.4]);
  });

  test('the refusal of an older question leaves the newest alone', () => {
    const waiting = begin();
    waiting.ask(b, 0.4);
    waiting.answer(shown(b));
    const bad = waiting.ask(c, 2);
    waiting.ask(a, 2);
    waiting.fail(bad, refusal);
    expect(moods(waiting)).toEqual(['asking', 'refused', a.budget, 2]);
  });

  test('with nothing to go back to, what was asked stays', () => {
    const waiting = begin();
    waiting.fail(waiting.ask(b, 0.5), refusal);
    expect(moods(waiting)).toEqual(['still', 'refused', b.budget, 0.5]);
    expect(waiting.shown).toBeNull();
  });

  test('a question that gives way to a newer one of the same scenario is still asked for', () => {
    const waiting = begin();
    const first = waiting.ask(b, 0.4);
    waiting.ask(b, 0.4);
    expect(waiting.drop(first)).toBe(true);
    expect(waiting.asks).toBe('asking');
  });
});

describe('what the address owes', () => {
  const moods = ({ hand, owes }: Owing) => [hand, owes];

  test('a change that is let go is written with its answer, as an entry of its own', () => {
    const owing = new Owing();
    expect(moods(owing)).toEqual(['still', 'nothing']);
    owing.change(a, true, '', 0);
    expect(moods(owing)).toEqual(['still', 'answer']);
    expect(owing.answer(a)).toBe('now');
    expect(owing.write()).toEqual({ entry: 1, isNew: true });
    expect(moods(owing)).toEqual(['still', 'nothing']);
    expect(owing.answer(a)).toBeNull();
  });

  test('a drag is one entry, written when the hand rests and when it lets go', () => {
    const owing = new Owing();
    owing.change(a, false, '', 0);
    owing.change(b, false, '', 16);
    expect(moods(owing)).toEqual(['dragging', 'answer']);
    expect(owing.answer(a)).toBe('rest');
    expect(moods(owing)).toEqual(['dragging', 'rest']);
    expect(owing.answer(b)).toBe('rest');
    expect(owing.write()).toEqual({ entry: 1, isNew: true });
    expect(moods(owing)).toEqual(['dragging', 'nothing']);
    owing.change(c, true, '', 400);
    expect(owing.answer(c)).toBe('now');
    expect(owing.write()).toEqual({ entry: 1, isNew: false });
    // The next gesture is another.
    owing.change(a, false, '', 500);
    expect(owing.answer(a)).toBe('rest');
    expect(owing.write()).toEqual({ entry: 2, isNew: true });
  });

  test('keys that move the same within a second are one entry, which is written when they rest', () => {
    const owing = new Owing();
    owing.change(a, true, 'rate', 1000);
    expect(moods(owing)).toEqual(['stepping', 'answer']);
    expect(owing.answer(a)).toBe('now');
    expect(owing.write()).toEqual({ entry: 1, isNew: true });
    owing.change(b, true, 'rate', 1900);
    expect(owing.answer(b)).toBe('rest');
    expect(owing.write()).toEqual({ entry: 1, isNew: false });
    owing.change(c, true, 'length', 2000);
    expect(owing.answer(c)).toBe('now');
    expect(owing.write()).toEqual({ entry: 2, isNew: true });
    owing.change(a, true, 'length', 3000);
    expect(owing.answer(a)).toBe('now');
    expect(owing.write()).toEqual({ entry: 3, isNew: true });
    owing.change(b, true, '', 3001);
    expect(owing.hand).toBe('still');
  });

  test('a change stays owed until its scenario is shown, or dropped for another', () => {
    const owing = new Owing();
    owing.change(a, true, '', 0);
    expect(owing.answer(b)).toBeNull();
    expect(owing.owes).toBe('answer');
    owing.drop(a);
    expect(owing.owes).toBe('nothing');
    expect(owing.answer(a)).toBeNull();
  });

  test('Back and forward move through the entries, and end what keys went on with', () => {
    const owing = new Owing();
    const write = (scenario: Scenario, step = '') => {
      owing.change(scenario, true, step, 0);
      owing.answer(scenario);
      return owing.write();
    };
    write(a);
    write(b, 'rate');
    expect([owing.canUndo, owing.canRedo]).toEqual([true, false]);
    owing.open(1);
    expect([owing.canUndo, owing.canRedo]).toEqual([true, true]);
    owing.open(0);
    expect([owing.canUndo, owing.canRedo]).toEqual([false, true]);
    expect(write(c, 'rate')).toEqual({ entry: 1, isNew: true });
    expect(owing.canRedo).toBe(false);
  });
});
