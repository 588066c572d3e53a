import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type * as cli from '../../web/cli/tiltlab.js';

/** The command as it is built. */
const { command }: typeof cli = await import(new URL('../../build/lib/node/cli.js', import.meta.url).href);
const run = (...args: string[]) => command(args, async () => true);
const folder = mkdtempSync(join(tmpdir(), 'tiltlab-shares-'));
let written = 0;
const write = (text: string | Uint8Array, name = `${written++}.json`) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const finite = (more: object = {}) =>
  write(
    JSON.stringify({
      model: {
        kind: 'memoryless',
        length: 12,
        tokens: [0, 1, 3].map((reward, k) => ({ p: [0.5, 0.3, 0.2][k], reward })),
      },
      budget: { kl: 1 },
      policies: [{ kind: 'best_of_poisson', mu: 2 }],
      simulation: { replicates: 90, seed: 3 },
      ...more,
    }),
  );

/** Shares of a simulation, or of files of drafts, and what one run prints. */
async function sharesOf(count: number, ...args: string[]) {
  const shares: string[] = [];
  for (let k = 1; k <= count; k++) {
    const { stdout, stderr } = await run(...args, '--shard', `${k}/${count}`);
    if (!stdout) throw new Error(stderr);
    shares.push(stdout);
  }
  return { shares, whole: (await run(...args)).stdout };
}
const scenario = finite();
const simulated = await sharesOf(5, 'simulate', scenario, '--workers', '1');
const other = await sharesOf(5, 'simulate', scenario, '--workers', '1', '--seed', '4');
const longer = await sharesOf(5, 'simulate', scenario, '--workers', '1', '--replicates', '91');
const seven = await sharesOf(7, 'simulate', scenario, '--workers', '1');
const csv = (k: number) =>
  write(`prompt,reward\n${[1, 2, 3, 4].map((i) => `p${i % 2},${(i * k) % 5}`).join('\n')}\n`, `drafts-${k}.csv`);
const files = [1, 2, 3, 4, 5].map(csv);
const drafts = await sharesOf(5, 'samples', ...files);

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ways in which a set of shares goes wrong, and what is said of it. */
function damages(random: () => number) {
  const below = (n: number) => Math.floor(random() * n);
  const at = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  type Set = { texts: string[]; says: RegExp };
  const replaced = (shares: readonly string[], k: number, text: string) =>
    shares.map((share, i) => (i === k ? text : share));
  const digit = (text: string) => {
    const places = [...text.matchAll(/\d/g)].map(({ index }) => index);
    const place = at(places);
    const before = Number(text[place]);
    return `${text.slice(0, place)}${(before + 1 + below(8)) % 10}${text.slice(place + 1)}`;
  };
  const ways: Record<string, (shares: readonly string[]) => Set> = {
    missing: (shares) => {
      const gone = at(shares);
      return { texts: shares.filter((share) => share !== gone), says: /merge: (block|share) \d+ of \d+ is in none/ };
    },
    double: (shares) => ({ texts: [...shares, at(shares)], says: /share \d of 5 is there twice/ }),
    'double for another': (shares) => ({ texts: replaced(shares, 1, shares[3] as string), says: /is there twice/ }),
    'a digit': (shares) => {
      const k = below(shares.length);
      return { texts: replaced(shares, k, digit(shares[k] as string)), says: /damaged|cannot be read|is not what/ };
    },
    cut: (shares) => {
      const k = below(shares.length);
      const text = shares[k] as string;
      return {
        texts: replaced(shares, k, text.slice(0, 20 + below(text.length - 25))),
        says: /cannot be read|is not what/,
      };
    },
    'a field that is gone': (shares) => {
      const k = below(shares.length);
      const part = JSON.parse(shares[k] as string) as Record<string, unknown>;
      delete part[at(Object.keys(part))];
      return { texts: replaced(shares, k, JSON.stringify(part)), says: /damaged|no check sum|is not what/ };
    },
    'a field that was added': (shares) => {
      const k = below(shares.length);
      return {
        texts: replaced(shares, k, JSON.stringify({ ...JSON.parse(shares[k] as string), more: below(9) })),
        says: /damaged/,
      };
    },
    'another version': (shares) => {
      const k = below(shares.length);
      return {
        texts: replaced(shares, k, (shares[k] as string).replace(/"engine": "[\d.]+"/, '"engine": "0.5.0"')),
        says: /damaged|its engine "0\.5\.0" is not/,
      };
    },
    'another kind': (shares) => ({
      texts: [...shares.slice(1), (shares === drafts.shares ? simulated : drafts).shares[0] as string],
      says: /is not what (samples|simulate) --shard prints/,
    }),
    'no share': (shares) => ({
      texts: [...shares.slice(1), at(['', '{}', '7', 'null', '[]', simulated.whole])],
      says: /cannot be read|is not what/,
    }),
  };
  return ways;
}

describe('merge trusts nobody', () => {
  test.each([
    ['a simulation', simulated],
    ['drafts', drafts],
  ])('shares of %s come to the very bytes of one run, in any order and any encoding', async (_, { shares, whole }) => {
    const paths = shares.map((text) => write(text)).reverse();
    expect((await run('merge', ...paths)).stdout).toBe(whole);
    const marked = shares.map((text, k) => write(k % 2 ? `\ufeff${text}` : Buffer.from(`\ufeff${text}`, 'utf16le')));
    expect((await run('merge', ...marked)).stdout).toBe(whole);
  });

  const random = randomOf(60);
  const sets = Array.from({ length: 6 }, (_, round) =>
    Object.entries(damages(random)).map(([what, make]) => {
      const { shares } = round % 2 ? drafts : simulated;
      return { what, round, ...make(shares) };
    }),
  ).flat();
  test(`${sets.length} damaged sets: none is accepted, each is refused by name in one line`, async () => {
    expect(sets.length).toBeGreaterThanOrEqual(60);
    const failed: unknown[] = [];
    for (const { what, round, texts, says } of sets) {
      const paths = texts.map((text) => write(text));
      const { status, stdout, stderr } = await run('merge', ...paths);
      const named = paths.some((path) => stderr.startsWith(path)) || stderr.startsWith('merge: ');
      if (status !== 2 || stdout !== '' || !says.test(stderr) || !named || stderr.trimEnd().includes('\n'))
        failed.push({ what, round, status, stderr });
    }
    expect(failed).toEqual([]);
  });

  test.each([
    ['another seed', other],
    ['other replicates', longer],
    ['another number of shares', seven],
  ])('a share of %s is foreign', async (_, { shares }) => {
    const paths = [...simulated.shares.slice(0, 4), shares[4] as string].map((text) => write(text));
    const { status, stderr } = await run('merge', ...paths);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^\S+: is a share of something else than \S+\n$/);
    expect(stderr).toContain(basename(paths[4] as string));
  });

  test('a share of an earlier version, which has no check sum, is to be made again', async () => {
    const { sum: _, digest: __, replicates: ___, ...old } = JSON.parse(simulated.shares[0] as string);
    const { stderr } = await run('merge', write(JSON.stringify(old)));
    expect(stderr).toMatch(/: has no check sum, as those of earlier versions; make it again with simulate --shard\n$/);
  });

  test('a share says what it is of', () => {
    const { engine, shard, digest, replicates, sum } = JSON.parse(simulated.shares[1] as string);
    expect({ engine, shard, replicates }).toEqual({ engine: expect.any(String), shard: [2, 5], replicates: 18 });
    expect([digest, sum]).toEqual([expect.stringMatching(/^\w{13}$/), expect.stringMatching(/^\w{13}$/)]);
  });

  test('sums past all numbers survive', async () => {
    const huge = finite({
      model: {
        kind: 'memoryless',
        length: 1e9,
        tokens: [
          { p: 0.5, reward: 0 },
          { p: 0.5, reward: 1e300 },
        ],
      },
      policies: undefined,
      simulation: { replicates: 4 },
    });
    const { shares, whole } = await sharesOf(2, 'simulate', huge, '--workers', '1');
    expect((await run('merge', ...shares.map((text) => write(text)))).stdout).toBe(whole);
  });

  test('more shares than there are blocks', async () => {
    const few = finite({ simulation: { replicates: 2 } });
    const { shares, whole } = await sharesOf(4, 'simulate', few, '--workers', '1');
    expect((await run('merge', ...shares.map((text) => write(text)))).stdout).toBe(whole);
    expect((await run('merge', ...shares.slice(0, 3).map((text) => write(text)))).stderr).toMatch(
      /is in none of the files/,
    );
  });
});
