import '../page/tokens.css';
import '../page/base.css';
import '../page/figure.css';
import '../page/controls.css';
import './embed.css';
import './embed.js';
