/** Milliseconds that a deed is news. */
const remembered = 4000;

/** Says what was done, for as long as it is news or until something else is said. */
export function say(element: { said: string }, words: string): void {
  element.said = words;
  setTimeout(() => {
    if (element.said === words) element.said = '';
  }, remembered);
}
