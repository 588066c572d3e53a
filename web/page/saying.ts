/** Milliseconds that a deed is news. */
const remembered = 4000;

/** Of a part of the page that did not come. */
export const notThere = 'A part of this page did not arrive; press again.';

/** Says what was done, for as long as it is news or until something else is said. */
export function say(element: { said: string }, words: string): void {
  element.said = words;
  setTimeout(() => {
    if (element.said === words) element.said = '';
  }, remembered);
}
