import type { Shown } from '../words/shown.js';

/**
 * What a figure says of itself: a claim, when it holds, and one plain sentence. A figure lists its claims from the
 * narrowest condition to the widest, the last of which always holds.
 */
export interface Claim {
  /** Left out where the claim holds of every scenario. */
  holds?(shown: Shown): boolean;
  claim: string | ((shown: Shown) => string);
  rest: string | ((shown: Shown) => string);
}

export interface Caption {
  claim: string;
  rest: string;
}

/** The first claim of a table that holds. */
export function captionOf({ claims }: { claims: readonly Claim[] }, shown: Shown): Caption {
  const found = claims.find(({ holds }) => !holds || holds(shown));
  if (!found) throw new Error('a table of claims ends with one that always holds');
  const said = (words: string | ((shown: Shown) => string)) => (typeof words === 'string' ? words : words(shown));
  return { claim: said(found.claim), rest: said(found.rest) };
}
