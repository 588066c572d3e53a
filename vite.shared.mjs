import { fileURLToPath } from 'node:url';

/**
 * What the builds of the site have in common; relative addresses, so that it works from any folder.
 * @type {import('vite').UserConfig}
 */
export const shared = {
  root: 'web',
  base: './',
  worker: { format: 'es' },
  resolve: {
    alias: {
      'd3-interpolate': fileURLToPath(new URL('web/figures/interpolate.ts', import.meta.url)),
      'd3-format': fileURLToPath(new URL('web/figures/number-format.ts', import.meta.url)),
    },
  },
};
