import { expect, test, vi } from 'vitest';
import { Crew, type CrewWorker, type Work } from '../../web/engine/crew.js';

/** A worker that answers a job by its number, a moment later, as long as `fate` says nothing else. */
function fakes(fate: (job: number, worker: number) => 'answers' | 'dies' | 'hangs') {
  const asked: [worker: number, job: number][] = [];
  let made = 0;
  const make = (): CrewWorker<number, number> => {
    const mine = made++;
    let isOpen = true;
    let answer: (job: number) => void = () => {};
    let die: (reason: string) => void = () => {};
    return {
      post(job) {
        asked.push([mine, job]);
        setTimeout(() => {
          if (!isOpen) return;
          const what = fate(job, mine);
          if (what === 'answers') answer(job);
          if (what === 'dies') die('killed');
        }, 1);
      },
      listen(reply, died) {
        answer = reply;
        die = died;
      },
      close() {
        isOpen = false;
      },
    };
  };
  return { make, asked };
}

/** Work of some jobs, of which those below `upto` may be begun. */
function workOf(count: number, upto = () => count) {
  let begun = 0;
  const done: number[] = [];
  let failure: Error | null = null;
  const work: Work<number, number> = {
    next: () => (begun < Math.min(count, upto()) ? begun++ : undefined),
    ask: (job) => job,
    take: (job) => done.push(job) > 0,
    failed: (error) => {
      failure = error;
    },
  };
  return { work, done, failure: () => failure };
}

const soon = async (what: () => void) => vi.waitFor(what, { timeout: 2000, interval: 2 });

test('what may not be begun yet is begun once it may, by those that wait', async () => {
  let upto = 3;
  const { make, asked } = fakes(() => 'answers');
  const { work, done } = workOf(7, () => upto);
  const crew = new Crew(make, work);
  crew.start(2);
  await soon(() => expect(done).toHaveLength(3));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(asked).toHaveLength(3);
  upto = 7;
  crew.wake();
  await soon(() => expect([...done].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]));
  expect(new Set(asked.slice(3).map(([worker]) => worker)).size).toBe(2);
  crew.close();
});

test('the job of one that dies is done by another, before others', async () => {
  const { make, asked } = fakes((job, worker) => (job === 1 && worker < 2 ? 'dies' : 'answers'));
  const { work, done } = workOf(9);
  const crew = new Crew(make, work);
  crew.start(2);
  await soon(() => expect([...done].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]));
  expect(asked.filter(([, job]) => job === 1).map(([worker]) => worker)).toEqual([1, 2]);
  crew.close();
});

test('a job that is not done is asked of the same worker again', async () => {
  const { make, asked } = fakes(() => 'answers');
  const { work, done } = workOf(4);
  const crew = new Crew(make, {
    ...work,
    take: (job) => done.push(job) > 0 && done.filter((x) => x === job).length > 2,
  });
  crew.start(2);
  await soon(() => expect(done).toHaveLength(12));
  for (const job of [0, 1, 2, 3]) {
    const by = asked.filter((each) => each[1] === job).map(([worker]) => worker);
    expect(by).toHaveLength(3);
    expect(new Set(by).size).toBe(1);
  }
  crew.close();
});

test('where all die it is said once they keep dying', async () => {
  const { make } = fakes(() => 'dies');
  const { work, failure } = workOf(3);
  const crew = new Crew(make, { ...work });
  crew.start(2);
  await soon(() => expect(failure()?.message).toBe('workers keep dying: killed'));
  crew.close();
});

test('one that hangs is replaced where there is a patience, and only there', async () => {
  const hangs = fakes((_, worker) => (worker === 0 ? 'hangs' : 'answers'));
  const patient = workOf(1);
  const crew = new Crew(hangs.make, { ...patient.work, patience: () => 5 });
  crew.start(1);
  await soon(() => expect(patient.done).toEqual([0]));
  crew.close();
  const other = fakes((_, worker) => (worker === 0 ? 'hangs' : 'answers'));
  const endless = workOf(1);
  const waiting = new Crew(other.make, endless.work);
  waiting.start(1);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect([endless.done, other.asked]).toEqual([[], [[0, 0]]]);
  waiting.close();
});
