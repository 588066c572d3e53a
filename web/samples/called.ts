/** What reward and gold are called, where they have an article of their own: "the proxy" as well as "rm_score". */

/** After another article, or as the name of an axis. */
export const bare = (name: string) => name.replace(/^the /, '');
/** At the beginning of a sentence; a column's name keeps its letters. */
export const first = (name: string) => name.replace(/^the /, 'The ');
