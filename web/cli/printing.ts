/** Controls, halves of characters, and what hides or turns the text around it: a terminal obeys what it should show. */
const unseen =
  /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}\u{ad}\u{200b}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/gu;

/** UTF-16 units, each as JSON writes it. */
const units = (character: string) =>
  [...Array(character.length).keys()]
    .map((k) => `\\u${character.charCodeAt(k).toString(16).padStart(4, '0')}`)
    .join('');

/** Characters of a line that are shown: a value may have millions. */
const longest = 1000;

/** A message as one line that any terminal shows as it is. */
export function messageLine(message: string): string {
  // Halves of a pair that the cut makes are escaped as others are.
  const cut = message.length > longest ? `${message.slice(0, longest)}…` : message;
  return `${cut.replaceAll(unseen, units)}\n`;
}

/** What a command prints, in lines; in JSON's strings these characters have no other spelling, and read back the same. */
export const shownText = (text: string): string =>
  text.replaceAll(unseen, (character) => (character === '\n' || character === '\t' ? character : units(character)));

/** Whether standard output has a listener of ours: those of threads, which are piped into it, go when it ends. */
let isHeard = false;

/** What was found could not be written. */
export class UnwritableError extends Error {}

/**
 * Writes on standard output. Where nobody reads on, it resolves to false: `| head` is no error.
 * @throws UnwritableError
 */
export function print(text: string): Promise<boolean> {
  const { stdout } = process;
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      if (!error) resolve(true);
      else if ((error as NodeJS.ErrnoException).code === 'EPIPE') resolve(false);
      else reject(new UnwritableError(`standard output: ${reasonOf(error)}`));
    };
    // A stream tells of an error after the call that met it, too.
    if (!isHeard) stdout.on('error', () => {});
    isHeard = true;
    try {
      stdout.write(text, done);
    } catch (error) {
      done(error as Error);
    }
  });
}

const reasons: Record<string, string> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder',
  ENOTDIR: 'no such file',
  EACCES: 'may not be read',
  ENOSPC: 'no space is left on the device',
};

/** What the system says of a file, in words. */
export function reasonOf(error: unknown): string {
  const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
  return reasons[code] ?? `failed (${code})`;
}
