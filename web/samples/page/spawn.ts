/** Workers made of text that scripts carry: a page that may fetch nothing runs them, and they inherit that it may not. */
const sources = {
  small: () => import('worker-source:small'),
  whole: () => import('worker-source:whole'),
};

export async function spawn(kind: keyof typeof sources): Promise<Worker> {
  const { default: source } = await sources[kind]();
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    return new Worker(address);
  } finally {
    // It has begun to load: the address is needed no more once it has.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}
