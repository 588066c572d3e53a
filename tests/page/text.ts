/** Everything that a template says to a reader: texts, without tags and attributes. */
export function textOf(part: unknown): string {
  return strip(markup(part)).replaceAll(/\s+/g, ' ').trim();
}

/** The same with its tags and the values of its attributes. What is no value is said, so that a test sees it. */
export function markup(part: unknown): string {
  if (part === null || part === undefined) return String(part);
  if (Array.isArray(part)) return part.map(markup).join(' ');
  if (typeof part === 'object' && 'values' in part && 'strings' in part) {
    const { strings, values } = part as { strings: string[]; values: unknown[] };
    return strings.map((each, i) => each + (i < values.length ? markup(values[i]) : '')).join('');
  }
  return typeof part === 'function' || typeof part === 'symbol' ? '' : String(part);
}

const strip = (text: string) => text.replaceAll(/<[a-z/][^>]*>/g, '');
