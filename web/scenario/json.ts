/** Nothing that is read here nests deeper: what walks through values does so by calling itself. */
const deepest = 200;

/**
 * A JSON text's value, unless that would take memory by the gigabyte.
 * @param most entries of all its lists and objects
 * @throws Error whose message is one line
 */
export function parseJson(text: string, most = 1e7): unknown {
  let depth = 0;
  let entries = 0;
  let inString = false;
  for (let i = 0; i < text.length && depth <= deepest && entries <= most; i++) {
    const sign = text[i];
    if (inString && sign === '\\') i++;
    else if (sign === '"') inString = !inString;
    else if (inString) continue;
    else if (sign === ',') entries++;
    else if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth--;
  }
  if (depth > deepest) throw new Error(`nests deeper than ${deepest}`);
  if (entries > most) throw new Error(`has more than ${most} entries`);
  return JSON.parse(text);
}
