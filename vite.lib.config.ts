import { copyFileSync } from 'node:fs';
import { defineConfig } from 'vite';

/** The package for Node and bundlers: library and command, with the wasm file beside them. */
export default defineConfig({
  publicDir: false,
  // All in the package: a plain module script resolves no bare names.
  ssr: { noExternal: true },
  // Its build for Node asks for worker threads, which no browser has.
  resolve: { alias: { fflate: 'fflate/browser' } },
  build: {
    ssr: true,
    target: 'es2022',
    outDir: 'build/lib',
    minify: false,
    rollupOptions: {
      output: { chunkFileNames: '[name].js' },
      input: {
        index: 'web/engine/index.ts',
        samples: 'web/samples/load.ts',
        elements: 'web/embed/element.ts',
        cli: 'web/cli/tiltlab.ts',
        worker: 'web/cli/worker.ts',
      },
    },
  },
  plugins: [
    {
      name: 'wasm-beside',
      writeBundle() {
        for (const name of ['full', 'samples', 'language'])
          copyFileSync(`build/wasm/tiltlab_${name}.wasm`, `build/lib/tiltlab_${name}.wasm`);
        // What `generate` reads where no model is named.
        for (const name of ['moby-dick-model.bin', 'moby-dick-tokenizer.bin', 'vader-lexicon.tsv'])
          copyFileSync(`web/data/${name}`, `build/lib/${name}`);
      },
    },
  ],
});
