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

/** Writes web/generated/digests.js; anew only where the list or the engine changed. */
export async function writeDigests() {
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
  const key = createHash('sha256');
  for (const file of [
    `${folder}digest.js`,
    `${folder}scenarios.js`,
    'build/lib/index.js',
    'build/lib/tiltlab_full.wasm',
  ])
    key.update(readFileSync(path(file)));
  const note = `/** Made by tools/digests.mjs from ${key.digest('hex').slice(0, 32)}. */\n`;
  if (read(written).startsWith(note)) return;
  const [{ digestsOf }, { groups }, { loadEngine }] = await Promise.all(
    [`${folder}digest.js`, `${folder}scenarios.js`, 'build/lib/index.js'].map((file) => import(path(file))),
  );
  const engine = await loadEngine();
  const digests = await digestsOf(engine, groups);
  mkdirSync(path('web/generated/'), { recursive: true });
  writeFileSync(written, `${note}export default ${JSON.stringify({ engine: engine.version, digests }, null, 1)};\n`);
  writeFileSync(
    path('web/generated/digests.d.ts'),
    "import type { Expected } from '../verify/protocol.js';\ndeclare const expected: Expected;\nexport default expected;\n",
  );
}
