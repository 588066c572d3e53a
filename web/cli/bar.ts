/** What a bar is drawn of. */
interface Done {
  /** In [0, 1]. */
  share: number;
  count: number;
}

/**
 * A line on standard error that says how far, how fast and how long yet; silent where nobody reads it.
 * @param total how many `what` there will be
 */
export function bar(total: number, what: string): (done: Done) => void {
  const start = performance.now();
  const width = 28;
  let last = 0;
  return ({ share, count }) => {
    const now = performance.now();
    const seconds = (now - start) / 1000;
    if (!process.stderr.isTTY && share < 1) {
      // Logs get a line every five seconds.
      if (now - last < 5000) return;
    } else if (now - last < 80 && share < 1) return;
    last = now;
    const filled = Math.round(share * width);
    const left = share > 0 ? (seconds / share) * (1 - share) : 0;
    const line = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${count} of ${total} ${what}, ${(count / Math.max(seconds, 1e-3)).toFixed(0)} a second, ${left.toFixed(0)} s left`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K${share === 1 ? '\n' : ''}` : `${line}\n`);
  };
}
