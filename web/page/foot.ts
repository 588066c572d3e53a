import { html, nothing, type TemplateResult } from 'lit';
import release from '../generated/release.js';

const papers: readonly [id: string, title: string, by: string][] = [
  [
    '2404.01730',
    'Asymptotics of Language Model Alignment',
    'Yang, Salamatian, Sun, Suresh and Beirami, 2024: what this page shows',
  ],
  [
    '2401.01879',
    'Theoretical Guarantees on the Best-of-n Alignment Policy',
    'Beirami and others, 2024: its KL is at most log N − (N − 1)/N',
  ],
];

const isFile = globalThis.location?.protocol === 'file:';

/** The ways on: papers, embeds, the command, the file, the release. */
export const foot = (): TemplateResult => html`<nav class="ways" aria-label="Ways on">
  <div>
    <h2>Read</h2>
    <ul>${papers.map(([id, title, by]) => html`<li><a href="https://arxiv.org/abs/${id}">${title}</a> <span>${by}</span></li>`)}
      <li>On being so near <span>BoNBoN Alignment, Gui, Gârbacea and Veitch, 2024, arXiv 2406.00832; Variational Best-of-N Alignment, Amini, Vieira, Ash and Cotterell, arXiv 2407.06057</span></li></ul>
  </div>
  <div>
    <h2>Use</h2>
    <ul>
      <li><b>In a post:</b> <em>Share</em>, above, gives an element and a frame of any figure.</li>
      <li><b>In a terminal:</b> <code>npx tiltlab evaluate LINK</code> prints the report of any link as JSON.</li>
      ${
        isFile
          ? nothing
          : html`<li class="narrow"><b>For real:</b> <a href="./transformer.html">a transformer that writes in your browser</a>.</li>
              <li><b>Offline:</b> <a href="./tilt-lab.html" download>all of it in one file</a>, to keep or to hand on.</li>
              <li><b>The same bits:</b> <a href="./verify.html">check that your browser computes them</a>.</li>`
      }
    </ul>
  </div>
  <div>
    <h2>About</h2>
    <ul>
      <li>Tilt Lab ${release.version}, ${release.date}, under the MIT licence${isFile ? '' : html`; <a href="./LICENSES.txt">licences of what it contains</a>`}.</li>
      ${release.source ? html`<li><a href=${release.source}>Source</a>; report a fault there, with the link of what you saw.</li>` : html`<li>Found a fault? <em>Copy link</em> gives an address that shows it again to whoever gave you this page.</li>`}
    </ul>
  </div>
</nav>`;
