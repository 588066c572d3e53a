/** Names by which browsers tell themselves apart in `navigator.userAgent`; those that also call themselves by others come first. */
const names: readonly [name: string, sign: RegExp][] = [
  ['Edge', /Edg(?:e|A|iOS)?\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Samsung Internet', /SamsungBrowser\/(\d+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/],
  ['Safari', /Version\/(\d+(?:\.\d+)?).*Safari\//],
];

/** Name and version as a reader knows them: Firefox 128. */
export function browserName(userAgent: string): string {
  for (const [name, sign] of names) {
    const version = sign.exec(userAgent)?.[1];
    if (version) return `${name} ${version}`;
  }
  return 'this browser';
}
