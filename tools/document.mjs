// What the build writes into web/index.html: the picture of the default scenario, and what other sites show of the page.
import { readFileSync } from 'node:fs';

const generated = (name) => new URL(`../web/generated/${name}`, import.meta.url);
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** An address can only be said where the host states its own: `TILTLAB_SITE`. */
function meta(html, site) {
  const read = (pattern) => pattern.exec(html)?.[1] ?? '';
  const at = (path) => escaped(new URL(path, site.endsWith('/') ? site : `${site}/`).href);
  const properties = {
    'og:type': 'website',
    'og:title': read(/<title>(.*?)<\/title>/),
    'og:description': read(/<meta name="description" content="(.*?)"/),
    ...(site && {
      'og:url': at('.'),
      'og:image': at('social.png'),
      'og:image:width': '1200',
      'og:image:height': '630',
    }),
  };
  return [
    ...(site ? [`<link rel="canonical" href="${at('.')}" />`] : []),
    ...Object.entries(properties).map(([name, content]) => `<meta property="${name}" content="${content}" />`),
    `<meta name="twitter:card" content="${site ? 'summary_large_image' : 'summary'}" />`,
  ].join('\n    ');
}

/** @param {string} html the text of web/index.html */
export async function filled(html) {
  const { default: release } = await import(generated('release.js').href);
  return html
    .replace('<!-- still -->', () => `<div id="still">${readFileSync(generated('still.html'), 'utf8')}</div>`)
    .replace('<!-- meta -->', () => meta(html, release.site));
}
