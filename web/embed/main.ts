import '../page/tokens.css';
import '../page/base.css';
import '../page/figure.css';
import '../page/controls.css';
import './embed.css';
// What all figures need, with the first script instead of behind it.
import '../figures/axes.js';
import '../figures/claims.js';
import '../words/holds.js';
import './embed.js';
