/** What a reader hands on: addresses and snippets of one figure, live or pinned to an engine. */

export interface Shared {
  /** Where Tilt Lab's files are, with a slash at its end. */
  site: string;
  /** The scenario, from `#` on. */
  link: string;
  /** Name of the figure. */
  view: string;
  /** What it shows, in one sentence. */
  caption: string;
  /** What the figure is called. */
  title: string;
  /** Engine that found what the link says. */
  engine: string;
  /** The year in which it was made. */
  year: string;
  /** The figure's picture as an address, for where it is not drawn; null where the reader wants none. */
  picture: string | null;
}

/**
 * The two homes of the files: one that follows releases, and the folder of this engine, which never changes.
 * @param page address of the page, without query and hash
 */
export function sitesOf(page: string, engine: string): { live: string; pinned: string } {
  const folder = new URL('.', page).href;
  const own = `${engine}/`;
  return folder.endsWith(`/${own}`)
    ? { live: folder.slice(0, -own.length), pinned: folder }
    : { live: folder, pinned: folder + own };
}

const attribute = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
const content = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
/** Characters that mean something to TeX, in words and inside of \href. */
const tex = (text: string) =>
  text
    .replaceAll('\\', '\\textbackslash{}')
    .replaceAll(/[#$%&_{}]/g, '\\$&')
    .replaceAll('\\textbackslash\\{\\}', '\\textbackslash{}')
    .replaceAll('~', '\\textasciitilde{}')
    .replaceAll('^', '\\textasciicircum{}');
const texAddress = (address: string) => address.replaceAll(/[#%&_]/g, '\\$&');
const markdown = (text: string) => text.replaceAll(/[\\`*_[\]<>]/g, '\\$&');

/** The page, scrolled to the figure where that is not the first one. */
export const addressOf = ({ site, link, view }: Shared): string =>
  `${site}${view === 'frontier' ? '' : `?view=${view}`}${link}`;

/** What is seen where the figure is not drawn; its words stand beside it or, in a frame's place, are its alternative. */
const pictured = (picture: string, height: string, words: string) =>
  `<img src="${attribute(picture)}" alt="${attribute(words)}" style="display:block;width:100%;height:${height};object-fit:contain">`;

/** @param place what puts it into the same cell as the picture */
const frame = ({ site, link, view, caption }: Shared, place = '') =>
  `<iframe src="${attribute(`${site}embed.html?view=${view}${link}`)}" title="${attribute(caption)}" loading="lazy" style="${place}width:100%;height:480px;border:0" allow="clipboard-write"></iframe>`;

export const snippets: { name: string; of(shared: Shared): string }[] = [
  {
    name: 'Element',
    of: (shared) =>
      `<script async src="${attribute(shared.site)}embed.js"></script>
<tilt-lab view="${shared.view}" scenario="${attribute(shared.link.slice(1))}" style="display:block;min-height:480px"><a href="${attribute(addressOf(shared))}">${shared.picture === null ? '' : pictured(shared.picture, '400px', '')}${content(shared.caption)}</a></tilt-lab>`,
  },
  {
    name: 'Frame',
    of: (shared) =>
      shared.picture === null
        ? frame(shared)
        : `<div style="display:grid"><a href="${attribute(addressOf(shared))}" tabindex="-1" style="grid-area:1/1">${pictured(shared.picture, '480px', shared.caption)}</a>${frame(shared, 'grid-area:1/1;')}</div>`,
  },
  { name: 'Markdown', of: (shared) => `[${markdown(shared.caption)}](${addressOf(shared)})` },
  { name: 'LaTeX', of: (shared) => `\\href{${texAddress(addressOf(shared))}}{${tex(shared.caption)}}` },
  {
    name: 'BibTeX',
    of: (shared) => `@misc{tiltlab,
  author = {{The Tilt Lab authors}},
  title = {Tilt Lab: best-of-N against KL-constrained reinforcement learning},
  year = {${shared.year}},
  note = {Engine ${shared.engine}; figure: ${tex(shared.title)}. After \\cite{yang2024asymptotics}},
  url = {${addressOf(shared)}}
}

@misc{yang2024asymptotics,
  author = {Yang, Joy Qiping and Salamatian, Salman and Sun, Ziteng and Suresh, Ananda Theertha and Beirami, Ahmad},
  title = {Asymptotics of Language Model Alignment},
  year = {2024},
  eprint = {2404.01730},
  archivePrefix = {arXiv}
}`,
  },
];
