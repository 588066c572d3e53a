import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connect, type Lane } from '../../web/engine/client.js';
import type { Reply, Request } from '../../web/engine/protocol.js';
import { serve } from '../../web/engine/serve.js';
import { type BlockReply, type BlockWorker, blocksOf, blocksOfShard, onWorkers } from '../../web/engine/simulation.js';
import { engine, type Scenario } from './engine.js';

/** Engines of the client: each answers a view after as many milliseconds as its `klEnd` says, others at once. */
const engines: { closed: boolean; asked: Request[] }[] = [];
vi.mock('../../web/engine/port.js', () => ({
  isHere: () => false,
  openPort(_kind: string, onReply: (reply: Reply) => void) {
    const mine = { closed: false, asked: [] as Request[] };
    engines.push(mine);
    let busy = Promise.resolve();
    const reply = (message: unknown) => mine.closed || onReply(message as Reply);
    return {
      post(request: Request) {
        mine.asked.push(request);
        busy = busy.then(async () => {
          if (request.type === 'start') reply({ type: 'ready', version: '0' });
          if (request.type === 'drafts') reply({ type: 'drafts', drafts: null });
          if (request.type !== 'view') return;
          reply({ type: 'begun' });
          await new Promise((resolve) => setTimeout(resolve, request.options.klEnd));
          reply({ type: 'view', view: { klEnd: request.options.klEnd }, same: [] });
        });
      },
      close() {
        mine.closed = true;
      },
    };
  },
}));

/** The core module from its file: a page fetches it. */
vi.mock('../../web/engine/modules.js', async () => {
  const wasm = resolve(import.meta.dirname, '../../build/wasm');
  const { default: create } = await import(`${wasm}/tiltlab_core.mjs`);
  return { loadCore: () => create({ wasmBinary: readFileSync(`${wasm}/tiltlab_core.wasm`) }), loadFull: () => null };
});

const scenario: Scenario = {
  v: 1,
  model: {
    kind: 'memoryless',
    length: 12,
    tokens: [
      { p: 0.5, reward: 0 },
      { p: 0.3, reward: 1 },
      { p: 0.2, reward: 3 },
    ],
  },
  budget: { n: 10 },
  simulation: { seed: 3, replicates: 2345 },
};

/** A worker in this thread that answers when it likes, and dies when it is told to. */
function fakeWorkers(dies: (started: number, answered: number) => boolean) {
  let started = 0;
  let answered = 0;
  const make = (): BlockWorker => {
    const mine = started++;
    let reply: (message: BlockReply) => void = () => {};
    let died: (reason: string) => void = () => {};
    let alive = true;
    return {
      post({ scenario: s, block }) {
        setTimeout(
          () => {
            if (!alive) return;
            if (dies(mine, answered)) {
              alive = false;
              died('killed');
              return;
            }
            answered++;
            reply({ type: 'block', block, sums: engine.simulateBlock(s, block) });
          },
          (block * 7919) % 3,
        );
      },
      listen(onReply, onDeath) {
        reply = onReply;
        died = onDeath;
      },
      close() {
        alive = false;
      },
    };
  };
  return { make, counts: () => ({ started, answered }) };
}

describe('a simulation', async () => {
  const whole = JSON.stringify(await engine.simulate(scenario));

  test('has intervals around its means and the report beside them', () => {
    const found = JSON.parse(whole);
    const report = engine.evaluate(scenario);
    expect(found.n).toBe(10);
    expect(found.replicates).toBe(2345);
    for (const policy of ['model', 'kl_rl', 'best_of_n'] as const) {
      for (const field of ['reward', 'win_rate', 'kl'] as const) {
        const { mean, interval, draws, exact } = found[policy][field];
        expect(exact).toBeCloseTo(Number(report[policy][field]), 12);
        expect(interval[0]).toBeLessThanOrEqual(mean);
        expect(interval[1]).toBeGreaterThanOrEqual(mean);
        expect(draws).toBe(2345);
      }
    }
  });

  test.each([1, 2, 5])('is the same to the last bit with %i workers', async (size) => {
    const { make, counts } = fakeWorkers(() => false);
    expect(JSON.stringify(await engine.simulate(scenario, { pool: onWorkers(make, size) }))).toBe(whole);
    expect(counts().started).toBe(size);
  });

  test('loses nothing when workers die', async () => {
    let killed = 0;
    const { make, counts } = fakeWorkers((_, answered) => answered > 20 * (killed + 1) && killed++ < 4);
    expect(JSON.stringify(await engine.simulate(scenario, { pool: onWorkers(make, 3) }))).toBe(whole);
    expect(counts().started).toBe(7);
  });

  test('gives up where every worker dies', async () => {
    const { make } = fakeWorkers(() => true);
    await expect(engine.simulate(scenario, { pool: onWorkers(make, 2) })).rejects.toThrow('workers keep dying: killed');
  });

  test.each([
    ['of many blocks', { ...scenario, budget: { n: 20000 }, simulation: { replicates: 100000, method: 'tokens' } }],
    ['of one block', { ...scenario, budget: { n: 4e9 }, simulation: { replicates: 1, method: 'tokens' } }],
    [
      'of one draft of 10^9 tokens',
      {
        ...scenario,
        model: { ...scenario.model, length: 1e9 },
        budget: { n: 1 },
        simulation: { replicates: 1, method: 'tokens' },
      },
    ],
    [
      'of millions of drafts of another policy',
      {
        ...scenario,
        budget: { n: 1 },
        policies: [{ kind: 'best_of_poisson', mu: 9e6 }],
        simulation: { replicates: 5, method: 'tokens' },
      },
    ],
  ] as [string, Scenario][])('%s is cancelled within 100 ms, in this thread and on workers', async (_, long) => {
    for (const pool of [undefined, onWorkers(fakeWorkers(() => false).make, 2)]) {
      const control = new AbortController();
      const run = engine.simulate(long, { signal: control.signal, ...(pool ? { pool } : {}) });
      let cancelled = 0;
      setTimeout(() => {
        cancelled = performance.now();
        control.abort();
      }, 60);
      await expect(run).rejects.toThrow('the simulation was cancelled');
      expect(performance.now() - cancelled).toBeLessThan(100);
    }
  });

  test('reports progress with estimates so far', async () => {
    const seen: number[] = [];
    await engine.simulate(scenario, {
      onProgress({ done, blocks, replicates }, partial) {
        if (done % 200 !== 0 && done !== blocks) return;
        seen.push(replicates);
        expect(partial().best_of_n.reward.draws).toBe(replicates);
      },
    });
    expect(seen.at(-1)).toBe(2345);
    expect(seen.length).toBeGreaterThan(1);
  });

  test('says what is counted, and why the rest is not', () => {
    const found = JSON.parse(whole);
    for (const policy of ['model', 'kl_rl', 'best_of_n'] as const)
      for (const field of ['reward', 'gold', 'win_rate'] as const) expect(found[policy][field].counted).toBe(true);
    expect(found.best_of_n.kl).toMatchObject({ method: 'tokens, plug-in', counted: false });
    expect(found.kl_rl_weighted.reward).toMatchObject({
      method: 'tokens, importance weights, not counted',
      counted: false,
    });
    expect(found.kl_rl_weighted.reward.why).toContain('base drafts rarely look like KL-RL');
  });

  test('blocks that take several sittings, of many simulations at a time, give what they give alone', async () => {
    const heavy = (seed: number): Scenario => ({
      ...scenario,
      budget: { n: 100000 },
      simulation: { seed, replicates: 9, method: 'tokens' },
    });
    const alone: string[] = [];
    for (const seed of [1, 2, 3]) alone.push(JSON.stringify(await engine.simulate(heavy(seed))));
    const together = await Promise.all(
      [1, 2, 3].map((seed) => engine.simulate(heavy(seed), { pool: onWorkers(fakeWorkers(() => false).make, 3) })),
    );
    expect(together.map((found) => JSON.stringify(found))).toEqual(alone);
  });

  test('a block costs what it draws, however many outcomes there are', async () => {
    const seconds = async (count: number) => {
      const outcomes = Array.from({ length: count }, (_, k) => ({ p: 1 / count, reward: k % 1000 }));
      const many: Scenario = {
        model: { kind: 'finite', outcomes },
        budget: { n: 16 },
        simulation: { replicates: 1000 },
      };
      engine.simulateBlock(many, 0);
      const start = performance.now();
      for (let block = 1; block < 40; block++) engine.simulateBlock(many, block);
      return performance.now() - start;
    };
    await seconds(20000);
    // Reading the scenario again is all that is left.
    expect(await seconds(20000)).toBeLessThan(1000);
  });

  test('its shares are every block once', () => {
    const { count } = blocksOf(scenario);
    const all = [1, 2, 3].flatMap((k) => blocksOfShard(scenario, k, 3));
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, k) => k));
  });

  test.each([
    [{ ...scenario, simulation: { replicates: 0 } }, 'simulation.replicates: 0 is not in [1, 100000000]'],
    [{ ...scenario, simulation: { method: 'dice' } }, 'simulation.method: "dice" is not one of tokens, types, order'],
    [
      { ...scenario, budget: { log_n: 60 }, simulation: { method: 'tokens' } },
      /^simulation\.method: "tokens" draws at most/,
    ],
    [
      { model: { kind: 'continuous', family: 'normal', mean: 0, sd: 1 }, budget: { n: 4 } },
      'model.kind: "continuous" has no drafts to draw; its report is exact',
    ],
  ])('refuses %j', async (s, message) => {
    await expect((async () => engine.simulate(s as unknown as Scenario))()).rejects.toThrow(message);
  });
});

describe('the client', () => {
  afterEach(() => {
    engines.length = 0;
  });
  const view = (lane: Lane, milliseconds: number, signal?: AbortSignal) =>
    lane.view(scenario, { klEnd: milliseconds }, signal);

  test('gives up a view that keeps a newer one waiting, and the newest is there promptly', async () => {
    const client = connect();
    const lane = client.lane();
    const start = performance.now();
    const long = view(lane, 60_000);
    const skipped = view(lane, 50_000);
    const newest = view(lane, 5);
    const drafts = client.drafts(scenario, 1);
    expect(await skipped).toBeNull();
    expect(await newest).toEqual({ klEnd: 5 });
    expect(performance.now() - start).toBeLessThan(500);
    expect(await long).toBeNull();
    // What else was asked is asked again of the engine that took over.
    expect(await drafts).toBeNull();
    expect(engines.map(({ closed }) => closed)).toEqual([true, false]);
  });

  test('leaves views alone that nobody waits behind, or that end in time', async () => {
    const lane = connect().lane();
    expect(await view(lane, 400)).toEqual({ klEnd: 400 });
    const first = view(lane, 20);
    const second = view(lane, 5);
    expect(await first).toEqual({ klEnd: 20 });
    expect(await second).toEqual({ klEnd: 5 });
    expect(engines.length).toBe(1);
  });

  test('a drag over views that all take long still shows some of them', async () => {
    const lane = connect().lane();
    const seen: unknown[] = [];
    for (let k = 0; k < 75; k++) {
      void view(lane, 600).then((found) => found && seen.push(found));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });

  test('a signal or `cancel` abandons a view at once', async () => {
    const lane = connect().lane();
    const control = new AbortController();
    const long = view(lane, 60_000, control.signal);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const start = performance.now();
    control.abort();
    expect(await long).toBeNull();
    expect(performance.now() - start).toBeLessThan(100);
    expect(await view(lane, 5)).toEqual({ klEnd: 5 });
    const again = [view(lane, 60_000), view(lane, 5)];
    lane.cancel();
    expect(await Promise.all(again)).toEqual([null, null]);
    expect(await view(lane, 5)).toEqual({ klEnd: 5 });
  });

  test('lanes take turns, each with its own newest view', async () => {
    const client = connect();
    const [left, right] = [client.lane(), client.lane()];
    const order: string[] = [];
    const asks = (lane: Lane, name: string, milliseconds: number) =>
      view(lane, milliseconds).then((found) => order.push(found ? name : `no ${name}`));
    const first = asks(left, 'left 1', 20);
    const all = [
      first,
      asks(left, 'left 2', 21),
      asks(right, 'right 1', 22),
      // In the place of the one before, which keeps its turn.
      asks(left, 'left 3', 23),
      first.then(() => asks(right, 'right 2', 24)),
    ];
    expect(client.idle).toBe(false);
    await Promise.all(all);
    expect(order).toEqual(['no left 2', 'left 1', 'no right 1', 'left 3', 'right 2']);
    expect(client.idle).toBe(true);
    expect(engines.length).toBe(1);
  });

  test('a lane that drags starves no other, whose long view comes in the end', async () => {
    const client = connect();
    const [busy, slow] = [client.lane(), client.lane()];
    const seen: number[] = [];
    let drags = true;
    const drag = (async () => {
      while (drags) {
        void view(busy, 5).then((found) => found && seen.push(performance.now()));
        await new Promise((resolve) => setTimeout(resolve, 16));
      }
    })();
    const found = await view(slow, 700);
    drags = false;
    await drag;
    expect(found).toEqual({ klEnd: 700 });
    expect(seen.length).toBeGreaterThan(1);
    const waits = seen.slice(1).map((at, k) => at - (seen[k] as number));
    expect(Math.max(...waits)).toBeLessThan(1200);
  });

  test('a lane is cancelled within 100 ms, and the others lose nothing', async () => {
    const client = connect();
    const [left, right] = [client.lane(), client.lane()];
    const long = view(left, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const start = performance.now();
    const waiting = view(right, 5);
    left.cancel();
    expect(await long).toBeNull();
    expect(performance.now() - start).toBeLessThan(100);
    expect(await waiting).toEqual({ klEnd: 5 });
    const runs = view(right, 40);
    const gone = [view(left, 5), view(left, 6)];
    left.close();
    expect(await Promise.all(gone)).toEqual([null, null]);
    expect(await runs).toEqual({ klEnd: 40 });
    expect(engines.at(-1)?.asked.at(-1)).toEqual({ type: 'leave', lane: 0 });
  });
});

describe('what an engine tells its pages', () => {
  const finite = (reward: number): Scenario => ({
    v: 1,
    model: {
      kind: 'finite',
      outcomes: [
        { p: 0.5, reward: 0 },
        { p: 0.5, reward },
      ],
    },
    budget: { kl: 0.2 },
  });
  const page = () => {
    const said: Reply[] = [];
    const ask = serve((message) => said.push(message));
    const view = async (lane: number, reward: number, kl = 0.2) => {
      await ask({ type: 'view', lane, scenario: { ...finite(reward), budget: { kl } }, options: { klEnd: 1 } });
      const last = said.at(-1);
      return last?.type === 'view' ? last.same : last;
    };
    return { ask, view };
  };

  test('is what changed since the last view of that lane of that page', async () => {
    const [one, other] = [page(), page()];
    expect(await one.view(0, 1)).toEqual([]);
    expect(await one.view(0, 1, 0.3)).toEqual(['frontier', 'gap']);
    // Another lane and another page have seen none of it.
    expect(await one.view(1, 1)).toEqual([]);
    expect(await other.view(0, 1)).toEqual([]);
    expect(await one.view(1, 1, 0.3)).toEqual(['frontier', 'gap']);
    // Nor has a lane that left.
    await one.ask({ type: 'leave', lane: 1 });
    expect(await one.view(1, 1)).toEqual([]);
    expect(await one.view(0, 1)).toEqual(['frontier', 'gap']);
  });
});

/** That any pool draws the same bits, beside the exact values of the report, and near them. */
async function checkDrawn(drawn: Scenario) {
  const found = await engine.simulate(drawn);
  expect(found.method).toBe('tokens');
  const { make } = fakeWorkers(() => false);
  expect(await engine.simulate(drawn, { pool: onWorkers(make, 3) })).toEqual(found);
  const report = engine.evaluate(drawn);
  const pairs = [
    ...(['model', 'kl_rl', 'best_of_n'] as const).map((policy) => [found[policy], report[policy]] as const),
    ...(found.policies ?? []).map((policy, i) => [policy, report.policies?.[i]] as const),
  ];
  expect(pairs).toHaveLength(3 + (drawn.policies?.length ?? 0));
  for (const [{ reward, win_rate }, exact] of pairs) {
    expect(reward.exact).toBeCloseTo(Number(exact?.reward), 9);
    expect(win_rate.exact).toBeCloseTo(Number(exact?.win_rate), 9);
    for (const { mean, interval, exact: at } of [reward, win_rate])
      expect(Math.abs(Number(mean) - Number(at))).toBeLessThan(Number(interval[1]) - Number(interval[0]));
  }
}

describe('several prompts', () => {
  const outcomes = [
    { p: 0.5, reward: 0, gold: 1 },
    { p: 0.3, reward: 1, gold: 0 },
    { p: 0.2, reward: 3, gold: -2 },
  ];
  const prompts: Scenario = {
    v: 1,
    model: {
      kind: 'prompts',
      prompts: [
        { weight: 3, model: { kind: 'finite', outcomes } },
        { model: { kind: 'memoryless', length: 25, tokens: outcomes.map(({ p, reward }) => ({ p, reward })) } },
      ],
    },
    budget: { n: 4 },
    simulation: { seed: 5, replicates: 900 },
  };

  test('are the same to the last bit with any pool, and stand beside their report', async () => {
    await checkDrawn({
      ...prompts,
      policies: [
        { kind: 'top_quantile', kl: 0.5 },
        { kind: 'best_of_poisson', mu: 2 },
      ],
    });
  });

  test('of which one is not drawn, by its name', async () => {
    const law = { kind: 'continuous', family: 'normal', mean: 0, sd: 1 } as const;
    const mixed = { ...prompts, model: { kind: 'prompts', prompts: [{ model: law }] } } as Scenario;
    await expect(engine.simulate(mixed)).rejects.toThrow(
      'model.prompts[0].model.kind: "continuous" has no drafts to draw; its report is exact',
    );
  });
});

describe('a chain that is walked', () => {
  const walked: Scenario = {
    v: 1,
    model: { kind: 'text', source: 'moby-dick', order: 1, length: 300 },
    budget: { n: 4 },
    simulation: { seed: 5, replicates: 600 },
  };

  test('is the same to the last bit with any pool, and stands beside its report', async () => {
    await checkDrawn({ ...walked, policies: [{ kind: 'top_quantile', tau: 0.5 }] });
  });

  test.each([
    [{ ...walked, simulation: { method: 'types' } }, /^simulation\.method: "types" counts tokens/],
    [{ ...walked, model: { ...walked.model, length: 1e9 } }, /^simulation\.replicates: 600 of 1000000000 transitions/],
    [{ ...walked, budget: { kl: 1e9 } }, /^budget: 1000000000 nats are all that the chain can spend/],
  ] as [Scenario, RegExp][])('refuses in one line %#', async (scenario, line) => {
    await expect(engine.simulate(scenario)).rejects.toThrow(line);
  });
});

describe('the command', () => {
  const bin = resolve(import.meta.dirname, '../../web/cli/bin.js');
  const folder = mkdtempSync(join(tmpdir(), 'tiltlab-simulate-'));
  const file = join(folder, 's.json');
  writeFileSync(file, JSON.stringify(scenario));
  const run = (...args: string[]) =>
    execFileSync('node', [bin, ...args], { encoding: 'utf8', cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });

  test('prints the same bytes with 1, 2 and 5 workers and from 7 merged shards', async () => {
    const whole = run('simulate', file, '--workers', '1');
    expect(JSON.parse(whole)).toEqual(JSON.parse(JSON.stringify(await engine.simulate(scenario))));
    for (const workers of ['2', '5']) expect(run('simulate', file, `--workers=${workers}`, '--json')).toBe(whole);
    const shards = Array.from({ length: 7 }, (_, k) => {
      const name = join(folder, `${k + 1}.json`);
      writeFileSync(name, run('simulate', file, '--workers', '2', '--shard', `${k + 1}/7`));
      return name;
    });
    expect(run('merge', ...shards.reverse())).toBe(whole);
    const missing = spawnSync('node', [bin, 'merge', ...shards.slice(1)], { encoding: 'utf8' });
    expect([missing.status, missing.stdout]).toEqual([2, '']);
    expect(missing.stderr).toMatch(/^merge: block \d+ of 782 is in none of the files; a shard is missing\n$/);
  });

  test('options override the scenario, progress goes to standard error', () => {
    const { stdout, stderr, status } = spawnSync(
      'node',
      [bin, 'simulate', file, '--seed', '9', '--replicates', '50', '--method', 'order'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ seed: 9, replicates: 50, method: 'order' });
    expect(stderr).toMatch(/50 of 50 replicates, \d+ a second, 0 s left\n$/);
  });

  test.each([
    [['--shard', '0/7'], '--shard: "0/7" is not i/k with i from 1 to k'],
    [['--shard', '8/7'], '--shard: "8/7" is not i/k with i from 1 to k'],
    [['--seed', '-1'], '--seed: "-1" is not an integer in [0, 9007199254740991]'],
    [['--workers'], '--workers: nothing is not an integer in [1, 256]'],
    [['--dice', '3'], '--dice: nothing is no option'],
  ])('refuses %j in one line', (args, line) => {
    const { stdout, stderr, status } = spawnSync('node', [bin, 'simulate', file, ...args], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(line);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test('merge refuses what is no shard', () => {
    const { stderr, status } = spawnSync('node', [bin, 'merge', file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, `${file}: is not what simulate --shard prints\n`]);
  });
});
