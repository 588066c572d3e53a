import { html } from 'lit';
import '../samples/page/samples.css';
import '../language/page/transformer.css';
import '../language/page/page.js';

/** `page/more.ts` in one file, which has no other pages. */
export const more =
  () => html`<section class="statement transformer" id="transformer" aria-labelledby="transformer-title">
  <h2 id="transformer-title">Does it hold for a real transformer?</h2>
  <p>The theorem speaks of words drawn one by one, without memory. Here a small transformer writes on your machine, its drafts are rewarded, and best-of-N is held against the best policy that the same budget allows. As drafts grow longer, does the gap between them close?</p>
  <tilt-transformer></tilt-transformer>
</section>`;
