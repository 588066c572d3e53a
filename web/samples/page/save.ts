import { html, render } from 'lit';
import { csvOf, pngFile, save, svgFile } from '../../page/export.js';
import { type Chart, drawChart } from './chart.js';

const jsonOf = ({ name, claim, rest, columns }: Chart): string =>
  `${JSON.stringify({ tiltlab: 'chart', chart: name, caption: `${claim} ${rest}`, columns: Object.fromEntries(columns.map((each) => [each.name, each.values])) }, null, 1)}\n`;

/** A file of a chart. */
export async function saveChart(kind: 'SVG' | 'PNG' | 'CSV' | 'JSON', chart: Chart, drawing: SVGSVGElement) {
  const name = `tilt-lab-${chart.name}.${kind.toLowerCase()}`;
  if (kind === 'CSV') return save(name, new Blob([csvOf(chart.columns)], { type: 'text/csv' }));
  if (kind === 'JSON') return save(name, new Blob([jsonOf(chart)], { type: 'application/json' }));
  const address = `${location.origin}${location.pathname}`;
  const picture = svgFile(drawing, `${chart.claim} ${chart.rest}`, address);
  if (kind === 'SVG') return save(name, new Blob([picture], { type: 'image/svg+xml' }));
  return save(name, await pngFile(picture, 2, address));
}

/** Rules of the page's style sheets that what is saved needs, so that it follows light and dark as the page does. */
function stylesOf(wanted: RegExp): string {
  const kept = (rules: CSSRuleList): string =>
    [...rules]
      .map((rule) => {
        if (rule instanceof CSSStyleRule) return wanted.test(rule.selectorText) ? rule.cssText : '';
        if (!(rule instanceof CSSMediaRule)) return '';
        const inner = kept(rule.cssRules);
        return inner ? `@media ${rule.conditionText}{${inner}}` : '';
      })
      .join('');
  return [...document.styleSheets].map((sheet) => kept(sheet.cssRules)).join('\n');
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** A part of the page as markup without what only lives: scripts, fields, buttons, Lit's marks. */
function markupOf(part: Element): string {
  const copy = part.cloneNode(true) as Element;
  for (const live of copy.querySelectorAll('button, .tools, .axes, .readout, .price, details')) live.remove();
  for (const svg of copy.querySelectorAll('svg')) {
    svg.removeAttribute('tabindex');
    svg.removeAttribute('width');
    svg.removeAttribute('height');
  }
  return copy.outerHTML.replaceAll(/<!--.*?-->/gs, '').replaceAll(/ (role="status"|aria-live="\w+")/g, '');
}

/**
 * The answer as a page of its own: chart, sentence and numbers, as they stand. It runs nothing and asks for nothing, so that
 * it shows in a frame of any host.
 */
export function savePage(name: string, chart: Chart, figure: Element, aside: Element) {
  const style = stylesOf(
    /^(:root|body|b|dl|dt|dd|figure|\*|\.sentence|\.caption|\.kl-rl|\.best-of-n|tilt-chart|\.main-figure|aside)/,
  );
  // Drawn for a phone too: letters keep their size.
  const narrow = document.createElement('tilt-narrow');
  const [width, height] = [354, 330];
  render(
    html`<svg class="narrow" viewBox="0 0 ${width} ${height}">${drawChart(chart, width, height, null)}</svg>`,
    narrow,
  );
  const drawings = markupOf(figure).replace('</svg>', () => `</svg>${markupOf(narrow.firstElementChild as Element)}`);
  const title = escaped(`Which N? ${name}`);
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title>
<style>${style}
body{padding:14px}tilt-chart svg{width:100%;height:auto}.main-figure{content-visibility:visible;margin:0;padding:0}
.narrow{display:none!important}@media(max-width:520px){tilt-chart svg{display:none}tilt-chart .narrow{display:block!important}}</style></head>
<body><p><b>${title}</b></p><section class="main-figure">${drawings}${markupOf(aside)}</section></body></html>
`;
  save(`${name.replaceAll(/[^\w.-]+/g, '-')}.which-n.html`, new Blob([page], { type: 'text/html' }));
}
