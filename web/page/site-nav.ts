import { html } from 'lit';

type Page = 'story' | 'samples' | 'transformer';

/** The pages of the site, on the top line of each; of the one that is open, its name alone. A file on its own has no others. */
export function siteNav(current: Page | null) {
  const isAlone = typeof location !== 'undefined' && location.protocol === 'file:';
  const brand =
    current === 'story' ? html`<span class="brand">Tilt Lab</span>` : html`<a class="brand" href="./">Tilt Lab</a>`;
  if (isAlone) return brand;
  // A phone has no room for all of them beside the story's buttons: there its foot leads on.
  const link = (name: Page, address: string, words: string) =>
    current === name
      ? html`<span aria-current="page">${words}</span>`
      : html`<a class=${current === 'story' && name === 'transformer' ? 'roomy' : ''} href=${address}>${words}</a>`;
  return html`<nav aria-label="Pages">${brand} ${link('story', './', 'Story')} ${link('samples', './samples.html', 'Which N?')} ${link('transformer', './transformer.html', 'Transformer')}</nav>`;
}
