import { defineConfig } from 'vite';
import { shared } from './vite.shared.ts';

/** The embed beside the site: its own small bundle, and `embed.js`, whose name is a promise. */
export default defineConfig({
  ...shared,
  publicDir: false,
  build: {
    outDir: '../dist',
    emptyOutDir: false,
    target: 'es2022',
    rollupOptions: {
      input: { frame: 'web/embed.html', element: 'web/embed/element.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'element' ? 'embed.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
