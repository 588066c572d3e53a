import './fonts.css';
import './tokens.css';
import './page.css';
import './figure.css';
import './controls.css';
import './drafts.css';
import './editor.css';
import './page.js';
