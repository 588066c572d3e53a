import { defineConfig } from 'vite';

/** The static site; relative addresses, so that it works from any folder. */
export default defineConfig({
  root: 'web',
  base: './',
  worker: { format: 'es' },
  build: { outDir: '../dist', emptyOutDir: true, target: 'es2022' },
});
