import { nothing } from 'lit';

const escaped = (text: unknown) =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

interface Template {
  strings: readonly string[];
  values: readonly unknown[];
}
const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'strings' in value && 'values' in value;

/** An attribute, event (`@`), property (`.`) or switch (`?`) whose value comes next and is all of it. */
const beforeValue = /\s([@.?]?)([\w:-]+)=("?)$/;

/**
 * A template as the text of a document, for what stands there before any script runs. Listeners and properties have no
 * place in a text and are left out.
 */
export function markup(value: unknown): string {
  if (value === null || value === undefined || value === nothing || value === false) return '';
  if (Array.isArray(value)) return value.map(markup).join('');
  if (!isTemplate(value)) return escaped(value);
  const { strings, values } = value;
  let text = '';
  let quoted = false;
  strings.forEach((each, i) => {
    // The value before was all of a quoted attribute: its closing quote was written with it.
    text += quoted && each.startsWith('"') ? each.slice(1) : each;
    quoted = false;
    if (i === values.length) return;
    const next = values[i];
    if (text.lastIndexOf('<') <= text.lastIndexOf('>')) {
      text += markup(next);
      return;
    }
    const [all = '', kind, name, quote] = beforeValue.exec(text) ?? [];
    if (all === '') {
      text += escaped(next);
      return;
    }
    if (quote && !(strings[i + 1] ?? '').startsWith('"')) {
      text += escaped(next);
      return;
    }
    quoted = quote !== '';
    text = text.slice(0, -all.length);
    if (kind === '?' ? next : kind === '' && next !== nothing)
      text += kind === '?' ? ` ${name}` : ` ${name}="${escaped(next)}"`;
  });
  return text.replaceAll(/\s*\n\s*/g, '\n');
}
