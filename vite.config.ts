import { defineConfig, type Plugin } from 'vite';
import { filled } from './tools/document.mjs';
import { shared } from './vite.shared.mjs';

/** Asks for the fonts with the page instead of after its style sheet, so that they come early. */
const preloadFonts: Plugin = {
  name: 'preload-fonts',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        // Formulas come further down.
        .filter((file) => file.endsWith('.woff2') && !/\bmath-/.test(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: `./${file}` },
          injectTo: 'head' as const,
        })),
  },
};

/** The picture and the descriptions that the build makes. */
const fillDocument: Plugin = {
  name: 'fill-document',
  transformIndexHtml: { order: 'pre', handler: filled },
};

/** The static site. */
export default defineConfig({
  ...shared,
  build: { outDir: '../dist', emptyOutDir: true, target: 'es2022' },
  plugins: [fillDocument, preloadFonts],
});
