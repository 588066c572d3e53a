import type { Column, Figure } from '../figures/figure.js';
import type { Session } from '../session/session.js';
import type { Shown } from '../words/shown.js';

/** Files of a figure; each carries the address that shows it again. */

/** What no XML document may hold (XML 1.0, 2.2): browsers write it all the same. */
const noXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const svgNames = 'http://www.w3.org/2000/svg';
/** What the style sheet says that a file of its own must say itself, where it is not that of what stands around it: all of it is inherited. */
const styles: Record<string, string> = {
  fill: 'rgb(0, 0, 0)',
  'fill-opacity': '1',
  stroke: 'none',
  'stroke-width': '1px',
  'stroke-dasharray': 'none',
  'stroke-linejoin': 'miter',
  'font-size': '12px',
  'font-weight': '400',
};

/** The address of the page, also where the figure stands in an embed. */
export const permalink = ({ linkOf }: Session, shown: Shown): string =>
  `${location.origin}${location.pathname.replace(/embed\.html$/, '')}${linkOf(shown)}`;

/** The drawing as a file: styles written out, text as text, on the page's paper. */
export function svgFile(drawing: SVGSVGElement, caption: string, link: string): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [...drawing.querySelectorAll('*')];
  for (const [i, element] of [...copy.querySelectorAll('*')].entries()) {
    const original = originals[i] as Element;
    const computed = getComputedStyle(original);
    const parent = original.parentElement as Element;
    const around = parent === (drawing as Element) ? null : getComputedStyle(parent);
    for (const [name, usual] of Object.entries(styles)) {
      const value = computed.getPropertyValue(name);
      if (element.hasAttribute(name) || value !== (around?.getPropertyValue(name) ?? usual))
        element.setAttribute(name, value);
    }
    element.removeAttribute('class');
  }
  // Lit's markers mean nothing outside the page.
  const comments: Node[] = [];
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.parentNode?.removeChild(comment);
  const width = Number(drawing.getAttribute('width'));
  const height = Number(drawing.getAttribute('height')) + 12;
  const margin = 16;
  for (const name of ['tabindex', 'role', 'aria-label', 'class']) copy.removeAttribute(name);
  copy.setAttribute('xmlns', svgNames);
  copy.setAttribute('width', String(width + 2 * margin));
  copy.setAttribute('height', String(height + 2 * margin));
  copy.setAttribute('viewBox', `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`);
  copy.setAttribute('font-family', `'Inter', ${getComputedStyle(drawing).fontFamily.replaceAll('"', "'")}`);
  copy.setAttribute('font-size', '12');
  const element = (name: string, text: string) => {
    const made = document.createElementNS(svgNames, name);
    made.textContent = text;
    return made;
  };
  const paper = element('rect', '');
  for (const [name, value] of Object.entries({ x: -margin, y: -margin, width: '100%', height: '100%' }))
    paper.setAttribute(name, String(value));
  paper.setAttribute('fill', getComputedStyle(drawing.closest('.on-paper') ?? document.body).backgroundColor);
  copy.prepend(element('title', caption), element('desc', link), paper);
  const text = new XMLSerializer().serializeToString(copy).replaceAll(noXml, '\ufffd');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`;
}

/**
 * The drawing as an address that is the picture itself: it stands in a text where a figure is not drawn, on paper, in feeds and
 * without scripts. What it says and where it is from stands beside it.
 */
export function pictureOf(drawing: SVGSVGElement): string {
  const svg = svgFile(drawing, '', '')
    .replace(/^<\?xml.*\?>\n/, '')
    .replace(/ font-family="[^"]*"/, ' font-family="system-ui,sans-serif"')
    .replaceAll(/<(?:title|desc)\/>/g, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
    // In an attribute of a document, quotes of the other kind need no escape.
    .replaceAll(/<[^>]*>/g, (tag) => tag.replaceAll("'", '&apos;').replaceAll('"', "'"));
  return `data:image/svg+xml,${svg.replaceAll(/[%#<>]/g, encodeURIComponent)}`;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
const crc = (bytes: Uint8Array) => {
  let c = 0xffffffff;
  for (const byte of bytes) c = (crcTable[(c ^ byte) & 255] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};

/** The same PNG with a text chunk after its header (PNG specification, 11.3.4.3). */
export function withText(png: Uint8Array, keyword: string, text: string): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(`tEXt${keyword}\0${text}`);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(body.length + 4, crc(body));
  const head = 33; // signature and IHDR
  const out = new Uint8Array(png.length + chunk.length);
  out.set(png.subarray(0, head));
  out.set(chunk, head);
  out.set(png.subarray(head), head + chunk.length);
  return out;
}

/** The page's own face for figures as a rule that carries it: a picture is drawn apart from the page and its fonts. */
async function faceOf(family: string): Promise<string> {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].map((rule) => ({ rule, base: sheet.href ?? location.href }));
    } catch {
      return []; // of another origin
    }
  });
  for (const { rule, base } of rules) {
    if (!(rule instanceof CSSFontFaceRule)) continue;
    const name = rule.style.getPropertyValue('font-family').replaceAll(/["']/g, '');
    const [, address] = /url\(["']?([^"')]+)/.exec(rule.style.getPropertyValue('src')) ?? [];
    if (!address || !family.includes(name)) continue;
    try {
      const bytes = new Uint8Array(await (await fetch(new URL(address, base))).arrayBuffer());
      let binary = '';
      for (const byte of bytes) binary += String.fromCharCode(byte);
      return `@font-face{font-family:"${name}";font-weight:100 900;src:url(data:font/woff2;base64,${btoa(binary)})}`;
    } catch {
      return '';
    }
  }
  return '';
}

/** @param scale pixels a unit, 1 to 4 */
export async function pngFile(svg: string, scale: number, link: string): Promise<Blob> {
  const image = new Image();
  const [, family = ''] = /font-family="([^"]*)"/.exec(svg) ?? [];
  const face = await faceOf(family);
  const drawn = face ? svg.replace(/(<svg[^>]*>)/, `$1<style>${face}</style>`) : svg;
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('this browser made no picture');
  return new Blob([withText(new Uint8Array(await blob.arrayBuffer()), 'Source', link)], { type: 'image/png' });
}

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Columns with every digit, under their names. */
export function csvOf(columns: readonly Column[]): string {
  const rows = Math.max(...columns.map(({ values }) => values.length));
  const lines = Array.from({ length: rows }, (_, i) => columns.map(({ values }) => String(values[i] ?? '')).join(','));
  return `${[columns.map(({ name }) => quoted(name)).join(','), ...lines].join('\n')}\n`;
}

/** The figure's data; the first line is the address, as a comment. */
export const csvFile = (figure: Figure, shown: Shown, link: string): string =>
  `# ${link}\n${csvOf(figure.columns(shown))}`;

/** Everything that it takes to make the figure again, and its data. */
export function jsonFile(figure: Figure, shown: Shown, link: string): string {
  const { scenario, view } = shown;
  const data = {
    tiltlab: 'figure',
    figure: figure.name,
    link,
    engine: view.report.engine,
    seed: scenario.simulation?.seed ?? 1,
    scenario,
    report: view.report,
    columns: figure.columns(shown),
  };
  return `${JSON.stringify(data, null, 1)}\n`;
}

export function save(name: string, data: Blob) {
  const url = URL.createObjectURL(data);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
