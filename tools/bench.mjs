// Speeds of the engine as a user calls it, JSON in to JSON out, with ratios taken in the same run.
//
//   npm run bench            all but the slow comparison
//   npm run bench -- --numpy and NumPy's FFT power of the whole lattice (some 10 s)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine } from '../build/lib/node/index.js';

const engine = await loadEngine();

/** Median and least milliseconds of a call, after a warm-up. */
function time(call, repeats = 200) {
  for (let i = 0; i < 20; i++) call();
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return { median: times[repeats >> 1], least: times[0] };
}

const rows = [];
const row = (what, { median, least }, target) => {
  rows.push({ what, 'median (ms)': median.toFixed(3), 'least (ms)': least.toFixed(3), 'target (ms)': target ?? '' });
  return median;
};

const reward = [0, 1, 2, 3, 5, -1, -2, 4, 0.5, 1.5, -0.5];
const p = [0.2, 0.1, 0.1, 0.05, 0.05, 0.1, 0.1, 0.05, 0.1, 0.1, 0.05];
const tokens = p.map((weight, i) => ({ p: weight, reward: reward[i] }));
const eleven = (length, budget) => ({ model: { kind: 'memoryless', length, tokens }, budget });
const report = (scenario) => {
  const text = JSON.stringify(scenario);
  return () => JSON.stringify(engine.evaluate(JSON.parse(text)));
};

let million = 0;
for (const length of [160, 1e4, 1e6, 1e9]) {
  const median = row(
    `report, 11 tokens, N = e^(0.2 n), n = ${length}`,
    time(report(eleven(length, { kl_per_token: 0.2 }))),
    0.5,
  );
  if (length === 1e6) million = median;
  row(`report, 11 tokens, N = 256, n = ${length}`, time(report(eleven(length, { n: 256 }))), 2);
}
row(
  'gap curve, 11 tokens, 60 lengths',
  time(() => engine.gapCurve(eleven(160, { kl_per_token: 0.2 }), 60), 30),
  3,
);

const text = { model: { kind: 'text', source: 'moby-dick', order: 0, length: 40 }, budget: { kl: 8 } };
row('report, Moby-Dick, 40 words', time(report(text)));
let drag = 0;
const view = () => {
  drag += 1e-3;
  return engine.view({ ...text, budget: { kl: 8 + drag } }, { klEnd: 16 });
};
row('all figures while the budget is dragged, Moby-Dick, 40 words', time(view, 30), 8);
const stretch = () => {
  drag = (drag + 1) % 60;
  return engine.view(
    { model: { ...text.model, length: 40 + Math.floor(drag) }, budget: { kl_per_token: 0.2 } },
    { klEnd: 16 },
  );
};
row('all figures while the length is dragged', time(stretch, 30), 16);
console.table(rows);

/**
 * Tables that once took seconds: each request once, in milliseconds; what could not be had in time is left out of it. The
 * report's time has the reading of the table in it, which the others find done.
 */
const random = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
function many(count, length, reward) {
  const next = random(count);
  const weights = Array.from({ length: count }, () => next() + 0.01);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const list = weights.map((w, i) => ({ p: w / total, reward: reward(i, next) }));
  return { model: { kind: 'memoryless', length, tokens: list }, budget: { kl_per_token: 0.2 } };
}
const few = (length, weights, rewards, budget) => ({
  model: { kind: 'memoryless', length, tokens: weights.map((w, i) => ({ p: w, reward: rewards[i] })) },
  budget,
});
const four = (_, next) => Math.round(1e5 * next() - 5e4) / 1e4;
const hard = {
  '300 tokens of i/10, n = 1000': many(300, 1000, (i) => i / 10),
  '1,000 tokens of i/10, n = 1000': many(1000, 1000, (i) => i / 10),
  '500 tokens of four decimals, n = 50': many(500, 50, four),
  '2,000 tokens of four decimals, n = 50': many(2000, 50, four),
  '100,000 tokens of four decimals, n = 50': many(100000, 50, four),
  '0, 1, 2, 3.0001, n = 50': few(50, [0.5, 0.25, 0.15, 0.1], [0, 1, 2, 3.0001], { kl_per_token: 0.1 }),
  'the same, n = 5': few(5, [0.5, 0.25, 0.15, 0.1], [0, 1, 2, 3.0001], { kl_per_token: 0.1 }),
  '0, 1, 3000 at 1e-7, n = 1000': few(1000, [0.5, 0.4999999, 1e-7], [0, 1, 3000], { kl_per_token: 0.05 }),
  '0, 1, 10000 at 1e-10, n = 1000, N = 2': few(1000, [0.4999999999, 0.5, 1e-10], [0, 1, 10000], { n: 2 }),
  'the same, n = 10^4': few(1e4, [0.4999999999, 0.5, 1e-10], [0, 1, 10000], { n: 2 }),
  'the same, n = 10^5': few(1e5, [0.4999999999, 0.5, 1e-10], [0, 1, 10000], { n: 2 }),
  'the same, n = 10^6': few(1e6, [0.4999999999, 0.5, 1e-10], [0, 1, 10000], { n: 2 }),
  '0, 1, root 5, n = 2700': few(2700, [0.5, 0.4, 0.1], [0, 1, 2.23606797749979], { kl_per_token: 0.69 }),
};
const once = (call) => {
  const start = performance.now();
  call();
  return (performance.now() - start).toFixed(0);
};
console.table(
  Object.entries(hard).map(([what, scenario]) => ({
    what,
    report: once(() => engine.evaluate(scenario)),
    view: once(() => engine.view(scenario, { klEnd: 40, curves: ['laws'] })),
    'gap curve': once(() => engine.gapCurve(scenario, 60)),
    statements: once(() => engine.statements(scenario)),
  })),
);

/** Whole reports beyond independent tokens and linear rewards, in milliseconds: the least of several lengths or budgets,
 * each of which is read anew. */
function denseChain(states, length) {
  const next = random(states);
  const row = () => {
    const weights = Array.from({ length: states }, () => next() + 0.05);
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.map((w) => w / total);
  };
  const initial = Array.from({ length: states }, (_, i) => (i === 0 ? 1 : 0));
  const transition = Array.from({ length: states }, row);
  const reward = Array.from({ length: states }, () => Math.floor(40 * next()) / 10);
  return { model: { kind: 'markov', length, initial, transition, reward }, budget: { kl_per_token: 0.1 } };
}
const three = (length, transform) => ({
  ...few(length, [0.5, 0.3, 0.2], [0, 1, 3], { kl_per_token: 0.1 }),
  ...(transform && { transform }),
});
const coin = (length, transform) => ({ ...few(length, [0.7, 0.3], [0, 1], { kl_per_token: 0.1 }), transform });
const prompts = (count, turn) => ({
  model: {
    kind: 'prompts',
    prompts: Array.from({ length: count }, (_, i) => ({
      model: {
        kind: 'finite',
        outcomes: worth.map((reward, k) => ({ p: eight[k], reward: reward * (1 + ((i + turn) % count) / count) })),
      },
    })),
  },
  budget: { kl: 2 },
});
const eight = [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05];
const worth = [0, 1, 2, 3, -1, -2, 4, 5];
const step = { kind: 'step', at: 0.6, height: 1 };
const beyond = {
  'chain of 3 states': (length) => denseChain(3, length),
  'chain of 3 states, three decimals': (length) => ({
    ...denseChain(3, length),
    model: { ...denseChain(3, length).model, reward: [0.123, 1.457, 2.91] },
  }),
  'chain of 27 states': (length) => denseChain(27, length),
  'chain of 64 states': (length) => denseChain(64, length),
  'words with a memory': (length) => ({
    model: { kind: 'text', source: 'moby-dick', order: 1, length },
    budget: { kl_per_token: 0.2 },
  }),
};
const leastOf = (scenarios) => {
  let least = Number.POSITIVE_INFINITY;
  try {
    for (const scenario of scenarios) {
      const start = performance.now();
      engine.evaluate(scenario);
      least = Math.min(least, performance.now() - start);
    }
    return least.toFixed(1);
  } catch (error) {
    return error.message.slice(0, 40);
  }
};
const turns = [0, 1, 2, 3, 4];
console.table(
  Object.entries(beyond).map(([what, of]) => ({
    what,
    ...Object.fromEntries(
      [10, 100, 300, 1000, 1e5, 1e9].map((n) => [`n = ${n}`, leastOf(turns.map((turn) => of(n - turn)))]),
    ),
  })),
);
console.table(
  Object.entries({
    'a coin, a step, n = 1000': (turn) => coin(1000 + turn, step),
    'a coin, a sigmoid, n = 1000': (turn) => coin(1000 + turn, { kind: 'sigmoid', at: 0.5, scale: 0.1 }),
    'three tokens, a step, n = 1000': (turn) => three(1000 + turn, step),
    'a chain of two, a step, n = 1000': (turn) => ({
      model: {
        kind: 'markov',
        length: 1000 + turn,
        initial: [1, 0],
        transition: [
          [0.8, 0.2],
          [0.4, 0.6],
        ],
        reward: [0, 1],
      },
      transform: step,
      budget: { kl_per_token: 0.05 },
    }),
    '100 prompts of eight outcomes': (turn) => prompts(100, turn),
  }).map(([what, of]) => ({ what, report: leastOf(turns.map(of)) })),
);

/** Best of 3,000 drafts of 40 tokens from an alphabet of 8, again and again: tokens a second, in millions. */
const apart = worth.map((reward) => Math.sqrt(reward + 3));
const dice = (length, n, method, replicates = 1000, rewards = worth) => ({
  model: { kind: 'memoryless', length, tokens: eight.map((weight, i) => ({ p: weight, reward: rewards[i] })) },
  budget: { n },
  simulation: { seed: 1, replicates, method },
});
function tokensASecond(length, n, method, rewards) {
  const scenario = dice(length, n, method, 1000, rewards);
  engine.simulateBlock(scenario, 0);
  const start = performance.now();
  let block = 0;
  while (performance.now() - start < 1500) {
    // A long block takes several sittings.
    while (engine.simulateBlock(scenario, block % 1000).length === 0);
    block++;
  }
  return (block * length * n) / (performance.now() - start) / 1e3;
}
const drawn = {
  tokens: tokensASecond(40, 3000, 'tokens'),
  types: tokensASecond(1000, 3000, 'types'),
  long: tokensASecond(1e6, 3000, 'types'),
  apart: tokensASecond(1000, 3000, 'types', apart),
  'long and apart': tokensASecond(1e6, 3000, 'types', apart),
};
console.log(`token by token, n = 40: ${drawn.tokens.toFixed(0)} million tokens a second on one core`);
console.log(
  `by types, n = 1000: ${drawn.types.toFixed(0)} million, without a lattice ${drawn.apart.toFixed(0)}; n = 10^6: ${drawn.long.toFixed(0)}, without a lattice ${drawn['long and apart'].toFixed(0)}`,
);
const root = new URL('..', import.meta.url).pathname;
spawnSync('cmake', ['--preset', 'native'], { cwd: root });
spawnSync('cmake', ['--build', '--preset', 'native', '--target', 'tiltlab_speed'], { cwd: root });
const native = Number(spawnSync(`${root}build/native/tiltlab_speed`, { encoding: 'utf8' }).stdout);
console.log(`the same natively: ${native.toFixed(0)} million, ${(native / drawn.tokens).toFixed(2)} times wasm`);
const command = new URL('../web/cli/bin.js', import.meta.url).pathname;
const seconds = (workers) => {
  const start = performance.now();
  spawnSync('node', [command, 'simulate', '-', '--workers', String(workers)], {
    input: JSON.stringify(dice(40, 3000, 'tokens', 6000)),
  });
  return (performance.now() - start) / 1e3;
};
seconds(1);
const [one, two] = [seconds(1), seconds(2)];
console.log(`two workers against one, the command whole: ${(one / two).toFixed(2)} times`);
const outcomes = (count) => {
  const rows = Array.from({ length: count }, (_, k) => ({ p: 1 / count, reward: ((k * 7919) % 1000) + k / count }));
  const start = performance.now();
  spawnSync('node', [command, 'simulate', '-'], {
    input: JSON.stringify({
      model: { kind: 'finite', outcomes: rows },
      budget: { n: 16 },
      simulation: { replicates: 2000 },
    }),
  });
  return (performance.now() - start) / 1e3;
};
console.log(
  `2,000 replicates of best of 16, the command whole: ${outcomes(2).toFixed(2)} s for 2 outcomes, ${outcomes(20000).toFixed(2)} s for 20,000`,
);

/** Two million scored drafts, as a file: read, and judged for every N to 100. */
const million2 = (() => {
  const next = random(2000000);
  const parts = ['prompt,reward,gold\n'];
  for (let k = 0; k < 20000; k++) {
    let part = '';
    for (let i = 0; i < 100; i++) {
      const x = next();
      part += `p${k},${x.toFixed(6)},${next() < x - (x > 0.95 ? 0.4 : 0) ? 1 : 0}\n`;
    }
    parts.push(part);
  }
  return new Blob(parts);
})();
const judging = await (async () => {
  const { importDrafts, loadSamples, recognise, sampleReport } = await import('../build/lib/node/samples.js');
  const files = [{ name: 'drafts.csv', blob: million2 }];
  const samples = await loadSamples();
  const start = performance.now();
  const { layout } = await recognise(files);
  const imported = await importDrafts(files, layout);
  const read = performance.now();
  sampleReport(samples, imported, layout);
  return { read: (read - start) / 1e3, judged: (performance.now() - read) / 1e3 };
})();
console.log(
  `2 million scored drafts: ${judging.read.toFixed(2)} s to read the file, ${judging.judged.toFixed(2)} s for every N to 100 with intervals`,
);

if (process.argv.includes('--numpy')) {
  const file = join(mkdtempSync(join(tmpdir(), 'tiltlab-bench-')), 'drafts.csv');
  writeFileSync(file, new Uint8Array(await million2.arrayBuffer()));
  // The same estimates, as one writes them there: ties shared, win rate, ceiling, KL, the tilt at seven KL by Newton's steps.
  const frame = `
import time
import numpy as np, pandas as pd
start = time.perf_counter()
M, sizes = 100, range(1, 101)
d = pd.read_csv(${JSON.stringify(file)}).sort_values(["prompt", "reward"], kind="stable")
by = d.groupby(["prompt", "reward"], sort=False)["gold"]
columns = {
  "reward": d["reward"].to_numpy().reshape(-1, M),
  "gold": by.transform("mean").to_numpy().reshape(-1, M),
  "win": ((d.groupby("prompt")["reward"].rank() - 0.5) / M).to_numpy().reshape(-1, M),
  "ceiling": np.sort(d["gold"].to_numpy().reshape(-1, M), 1),
}
share, weights = np.arange(1, M + 1) / M, []
for n in sizes:
    weights.append(np.diff(np.concatenate([[0], share])))
    share = share * np.maximum(np.arange(1, M + 1) - n, 0) / max(M - n, 1)
weights = np.stack(weights, 1)
for name, x in columns.items():
    curve = x @ weights
    mean, error = curve.mean(0), curve.std(0, ddof=1) / np.sqrt(len(curve))
F = np.arange(0, M + 1) / M
q = np.diff(F[None, :] ** np.arange(1, M + 1)[:, None], axis=1)
kl = np.where(q > 0, q * np.log(np.maximum(q, 1e-300) * M), 0).sum(1)
r, alpha = columns["reward"] - columns["reward"].max(1, keepdims=True), 1.0
for target in kl[[1, 3, 7, 15, 31]]:
    for _ in range(5):
        w = np.exp(alpha * r)
        z = w.sum(1, keepdims=True)
        w /= z
        m = (w * r).sum(1)
        found = (alpha * m - np.log(z[:, 0] / M)).mean()
        alpha *= np.exp((target - found) / (alpha**2 * ((w * r * r).sum(1) - m * m).mean()))
    w = np.exp(alpha * r)
    w /= w.sum(1, keepdims=True)
    tilted = [(w * x).sum(1).mean() for x in columns.values()]
print(time.perf_counter() - start)`;
  const pandas = spawnSync('/usr/bin/python3', ['-c', frame], { encoding: 'utf8' });
  console.log(
    pandas.status === 0
      ? `2 million scored drafts with pandas and NumPy: ${Number(pandas.stdout).toFixed(2)} s, ${(Number(pandas.stdout) / (judging.read + judging.judged)).toFixed(2)} times as long`
      : 'pandas: not here (Debian: python3-pandas)',
  );
  const script = `
import sys, time
import numpy as np
p, r, n = ${JSON.stringify(p)}, ${JSON.stringify(reward)}, 10**6
step = [int(2 * x + 4) for x in r]
start = time.perf_counter()
law = np.zeros(n * max(step) + 1)
for w, s in zip(p, step): law[s] += w
law = np.fft.irfft(np.fft.rfft(law) ** n, len(law))
print((time.perf_counter() - start) * 1e3)`;
  const run = spawnSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' });
  if (run.status !== 0) console.log('NumPy: not here (Debian: python3-numpy)');
  else {
    const numpy = Number(run.stdout);
    console.log(
      `n = 10^6: NumPy's FFT power of the whole lattice ${numpy.toFixed(0)} ms (the law alone), the whole report ${million.toFixed(3)} ms: ${Math.round(numpy / million)} times faster`,
    );
  }
  const draws = `
import json, time
import numpy as np
p, r = np.array(${JSON.stringify(eight)}), np.array(${JSON.stringify(worth)}, float)
g, c = np.random.default_rng(1), np.cumsum(${JSON.stringify(eight)})
def rate(f, tokens):
    f(); start, k = time.perf_counter(), 0
    while time.perf_counter() - start < 1.5: f(); k += 1
    return k * tokens / (time.perf_counter() - start) / 1e6
print(json.dumps({
  "choice": rate(lambda: r[g.choice(8, (3000, 40), p=p)].sum(1).max(), 120000),
  "searchsorted": rate(lambda: r[np.searchsorted(c, g.random((3000, 40)))].sum(1).max(), 120000),
  "multinomial": rate(lambda: (g.multinomial(40, p, 3000) @ r).max(), 120000),
  "multinomial, n = 1000": rate(lambda: (g.multinomial(1000, p, 3000) @ r).max(), 3000000),
  "multinomial, n = 10^6": rate(lambda: (g.multinomial(1000000, p, 3000) @ r).max(), 3000000000)}))`;
  const sampled = spawnSync('/usr/bin/python3', ['-c', draws], { encoding: 'utf8' });
  if (sampled.status === 0) {
    const numpy = JSON.parse(sampled.stdout);
    const best = Math.max(numpy.choice, numpy.searchsorted, numpy.multinomial);
    console.log('NumPy, million tokens a second:', numpy);
    console.log(
      `token by token against NumPy's best: ${(drawn.tokens / best).toFixed(2)} times; by types against multinomial: ${(drawn.types / numpy['multinomial, n = 1000']).toFixed(2)}, without a lattice ${(drawn.apart / numpy['multinomial, n = 1000']).toFixed(2)}, n = 10^6 ${(drawn.long / numpy['multinomial, n = 10^6']).toFixed(2)}, without a lattice ${(drawn['long and apart'] / numpy['multinomial, n = 10^6']).toFixed(2)}`,
    );
  }
}
