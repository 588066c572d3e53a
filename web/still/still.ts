import { html, svg, type TemplateResult } from 'lit';
import { captionOf } from '../figures/claims.js';
import { frontier } from '../figures/frontier.js';
import { lead, subjectOf, title } from '../page/lead.js';
import { siteNav } from '../page/site-nav.js';
import { summary } from '../page/summary.js';
import { raised } from '../words/raised.js';
import { sentence } from '../words/sentence.js';
import type { Shown } from '../words/shown.js';
import { markup } from './markup.js';

/**
 * Widths that the figure is drawn at, of which the style sheet shows the one that is nearest to the room there is: on a
 * usual phone, on one held across, on a tablet, and beside the sentence.
 */
const widths = [354, 490, 620, 764];

/** A picture of the first figure, stretched by less than an eye sees to the width it finds. */
const picture = (shown: Shown, width: number) => {
  const tall = frontier.height(width);
  return html`<svg class="at-${width}" aria-hidden="true" viewBox="0 0 ${width} ${tall}" preserveAspectRatio="none">${svg`${frontier.draw(shown, width, tall, null)}`}</svg>`;
};

/**
 * The top of the page as it is of the default scenario: what stands in the document before the page's script runs, and in
 * its place where that never does.
 */
function top(shown: Shown): TemplateResult {
  const { claim, rest } = captionOf(frontier, shown);
  return html`<header class="site">${siteNav('story')}<span class="button" aria-hidden="true">Share</span></header>
    <main>
      <h1>${title}</h1>
      ${lead(html`<span class="of-default">${subjectOf(shown.scenario)}.</span>`)}
      <section class="main-figure" aria-label="The frontier">
        <div class="still-figure of-default"><figure>
          <figcaption class="caption"><b>${claim}</b> ${raised(rest)}</figcaption>
          <div class="plot" role="img" aria-label="${claim} ${rest}">${widths.map((width) => picture(shown, width))}</div>
          <div class="readout" aria-hidden="true"><span></span><span class="tools"><button type="button" class="quiet" disabled>Data table</button><details class="save"><summary>Save</summary></details></span></div>
        </figure></div>
        <aside>
          <div class="sentence of-default">${sentence(shown)}</div>
          <div class="controls">
            <noscript><p class="notice">JavaScript is off, so nothing here moves: this is the default figure as it was when this page was
              built, whatever a link says. Switch JavaScript on for this page to set the budget, the length and the model.</p></noscript>
            <p class="notice of-other">The scenario of this link is being computed.</p>
            <p class="notice of-broken">A part of this page did not arrive. Load it again. What you see is the default figure, as it was
              when this page was built.</p>
            <div class="of-failure" role="alert"></div>
          </div>
          <div class="summary of-default">${summary(shown)}</div>
        </aside>
      </section>
    </main>
    <noscript><footer class="site"><p>The subject is <a href="https://arxiv.org/abs/2404.01730">Asymptotics of Language Model Alignment</a>, by
      Yang, Salamatian, Sun, Suresh and Beirami.</p></footer></noscript>`;
}

/** As the document holds it. Terms are opened by a script: here they are words. */
export const stillOf = (shown: Shown): string =>
  markup(top(shown))
    .replaceAll(/<tilt-term of="[^"]*" said="([^"]*)"[^>]*><\/tilt-term>/g, '<span class="term">$1</span>')
    .replaceAll('id="top" ', '');
