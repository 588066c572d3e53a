import '../../page/fonts.css';
import '../../page/tokens.css';
import '../../page/base.css';
import '../../page/site.css';
import '../../page/figure.css';
import '../../page/controls.css';
import '../../page/page.css';
import '../../page/drafts.css';
import '../../samples/page/samples.css';
import './transformer.css';
import { html, render } from 'lit';
import { siteNav } from '../../page/site-nav.js';
import './page.js';

const root = document.querySelector('#page');
if (root)
  render(
    html`<header class="site">${siteNav('transformer')}</header>
      <main>
        <h1>Does it hold for a real transformer?</h1>
        <p class="lead">The theorem speaks of words drawn one by one, without memory. Here a small transformer writes in your browser, its drafts are rewarded, and best-of-N is held against the best policy that the same budget allows. As drafts grow longer, does the gap between them close?</p>
        <tilt-transformer starts></tilt-transformer>
      </main>
      <footer class="site"><p><b>In words.</b> A draft is a text that the model writes by itself; its reward is a number that the text alone decides. Best-of-N draws N and keeps the one of most reward. KL-RL is the policy that earns most on average among all that stay within so many nats of the model. Both are found from the same drafts, at the same budget. Everything is drawn and computed in this browser from the seed, to the same bits in every browser.</p></footer>`,
    root as HTMLElement,
  );
