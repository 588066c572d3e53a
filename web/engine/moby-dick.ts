/** The table of Moby-Dick's words, fetched when they are first drawn. */
export const mobyDickTable = (): Promise<string> =>
  fetch(new URL('../data/moby-dick.tsv', import.meta.url)).then((response) => response.text());
