import { html } from 'lit';
import { runs } from './format.js';

/** Text with its superscripts as raised digits, which fonts draw more evenly. */
export const raised = (text: string) => runs(text).map((run) => (run.raised ? html`<sup>${run.text}</sup>` : run.text));
