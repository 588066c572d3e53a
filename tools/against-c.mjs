// The engine's wasm against llama2.c's own program, on one core of this machine and in the same minutes. Both by the time that
// their process computed, for which the program is built with another clock: what others have of the core does not count.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const compiler = process.env.CC ?? 'cc';
const settings = { '-O3': ['-O3'], '-Ofast -march=native': ['-Ofast', '-march=native'] };
const length = 200;
/** Runs a round, each with a seed of its own, of the program and of the wasm: those that others interrupted are left out. */
const repeats = 24;

const sorted = (values) => [...values].sort((a, b) => a - b);
const middle = (values) => sorted(values)[values.length >> 1];
/** Mean of the middle half: the program counts whole milliseconds, of which a run takes a dozen. */
function inner(values) {
  const quarter = values.length >> 2;
  const half = sorted(values).slice(quarter, values.length - quarter);
  return half.reduce((sum, value) => sum + value, 0) / half.length;
}

function ran(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error || status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
  return stderr;
}

/** Tokens a second, as the program says itself: at temperature 1, with nothing cut off the law. */
function program(path, { checkpoint, tokenizer }, seed) {
  const said = ran(path, [checkpoint, '-z', tokenizer, '-t', '1', '-p', '1', '-n', String(length), '-s', String(seed)]);
  const [, speed] = /achieved tok\/s: (\S+)/.exec(said) ?? [];
  if (speed === undefined) throw new Error(`${path}: says no speed`);
  // A draft that ended at once took no time at all.
  return Number.isFinite(Number(speed)) ? Number(speed) : Number.POSITIVE_INFINITY;
}

/** Milliseconds. */
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Tokens a second of so many drafts side by side. */
function wasm(draw, count, seed) {
  const start = clock();
  const tokens = draw({ length, count, seed }).reduce((sum, draft) => sum + draft.tokens.length, 0);
  return (1000 * tokens) / (clock() - start);
}

/** Of each its speeds, a round each, all of them one after another in every round. */
function speedsOf(built, files, draw, rounds) {
  const speeds = {};
  const add = (name, speed) => {
    speeds[name] = [...(speeds[name] ?? []), speed];
  };
  // Until the engine has compiled it well.
  for (let k = 0; k < repeats; k++) wasm(draw, 4, k);
  for (let round = 1; round <= rounds; round++) {
    const seeds = Array.from({ length: repeats }, (_, k) => repeats * round + k);
    for (const [name, path] of built) add(name, inner(seeds.map((seed) => program(path, files, seed))));
    for (const count of [1, 16, 64])
      add(count, inner(seeds.slice(0, Math.max(5, repeats / count)).map((seed) => wasm(draw, count, seed))));
  }
  return speeds;
}

/**
 * @param source run.c, or the folder where it is
 * @param files paths of a checkpoint and a tokenizer, which the engine has read
 * @param draw drafts by {length, count, seed}
 * @returns medians in tokens a second, and of the rounds' own ratios
 */
export function againstC(source, files, draw, rounds = 9) {
  const file = source.endsWith('.c') ? source : join(source, 'run.c');
  if (!existsSync(file)) throw new Error(`${file}: no such file`);
  const folder = mkdtempSync(join(tmpdir(), 'against-c-'));
  try {
    const copy = join(folder, 'run.c');
    writeFileSync(copy, readFileSync(file, 'utf8').replaceAll('CLOCK_REALTIME', 'CLOCK_PROCESS_CPUTIME_ID'));
    const built = Object.entries(settings).map(([name, flags], k) => {
      const path = join(folder, `run-${k}`);
      ran(compiler, [...flags, copy, '-o', path, '-lm']);
      return [name, path];
    });
    const speeds = speedsOf(built, files, draw, rounds);
    const [plain, fast] = Object.keys(settings);
    const of = (name) => middle(speeds[name]).toFixed(0);
    const ratio = (one, other) => {
      const all = speeds[one].map((speed, k) => speed / speeds[other][k]);
      return `${middle(all).toFixed(2)} (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`;
    };
    return {
      speeds: {
        [`program, ${plain}`]: of(plain),
        [`program, ${fast}`]: of(fast),
        'one stream': of(1),
        '16 drafts': of(16),
        '64 drafts': of(64),
      },
      ratios: {
        [`one stream to ${plain}`]: ratio(1, plain),
        [`16 drafts to ${fast}`]: ratio(16, fast),
        '64 drafts to one stream': ratio(64, 1),
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
