/** A worker made of text that a script carries: it starts from a file, and on a page that may fetch nothing. */
export function workerOf(source: string): Worker {
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    return new Worker(address);
  } finally {
    // It has begun to load: the address is needed no more once it has.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}
