import '../page/fonts.css';
import '../page/tokens.css';
import '../page/base.css';
import '../page/page.css';
import './verify.css';
import './page.js';
