// The digests that verify.html compares with: the same list of scenarios, computed in Node with the same wasm.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'vite';

const root = new URL('../', import.meta.url);
const path = (name) => new URL(name, root).pathname;
const folder = 'build/verify/';
const written = path('web/generated/digests.js');

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** The list of scenarios and its digests as modules that Node reads. */
async function buildList() {
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'es2022',
      minify: false,
      outDir: path(folder),
      rollupOptions: {
        input: { digest: path('web/verify/digest.ts'), scenarios: path('web/verify/scenarios.ts') },
        output: { chunkFileNames: '[name].js' },
      },
    },
  });
}

/** What the built engine finds of every scenario of the list. */
export async function computeDigests() {
  await buildList();
  return digestsNow();
}

async function digestsNow() {
  const [{ digestsOf }, { groups }, { loadEngine }] = await Promise.all(
    [`${folder}digest.js`, `${folder}scenarios.js`, 'build/lib/node/index.js'].map((file) => import(path(file))),
  );
  const engine = await loadEngine();
  return { engine: engine.version, names: groups.map(({ name }) => name), digests: await digestsOf(engine, groups) };
}

/** Writes web/generated/digests.js; anew only where the list or the engine changed. */
export async function writeDigests() {
  await buildList();
  const key = createHash('sha256');
  for (const file of [
    `${folder}digest.js`,
    `${folder}scenarios.js`,
    'build/lib/node/index.js',
    'build/lib/tiltlab_full.wasm',
  ])
    key.update(readFileSync(path(file)));
  const note = `/** Made by tools/digests.mjs from ${key.digest('hex').slice(0, 32)}. */\n`;
  if (read(written).startsWith(note)) return;
  const { engine, digests } = await digestsNow();
  mkdirSync(path('web/generated/'), { recursive: true });
  writeFileSync(written, `${note}export default ${JSON.stringify({ engine, digests }, null, 1)};\n`);
  writeFileSync(
    path('web/generated/digests.d.ts'),
    "import type { Expected } from '../verify/protocol.js';\ndeclare const expected: Expected;\nexport default expected;\n",
  );
}
