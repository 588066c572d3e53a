import { isFromDisk } from './disk.js';

/**
 * Runs before anything is painted: a link's own scenario must not be taken for the default's numbers, which stand in the
 * document. Then fetches and starts the page, once that has been painted: the style sheet and the fonts come first.
 */
const { dataset } = document.documentElement;
if (!/^(#(v=1|[a-z][a-z-]*)?)?$/.test(location.hash)) dataset.other = '';
/** The page's module, and all that it imports, so that these need not wait for it. */
const { module, imports = '' } = (document.currentScript as HTMLScriptElement).dataset;
if (module && !isFromDisk()) {
  const start = () => {
    for (const href of imports.split(' '))
      document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
    import(/* @vite-ignore */ new URL(module, document.baseURI).href).catch(() => {
      dataset.broken = '';
    });
  };
  // A tab in the background paints nothing.
  if (document.hidden) start();
  else requestAnimationFrame(() => setTimeout(start));
}
