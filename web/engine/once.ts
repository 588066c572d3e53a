/** Calls `make` the first time only; a promise that is not kept is no reason not to call it again. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    if (!made) {
      const value = make();
      made = { value };
      if (value instanceof Promise)
        value.catch(() => {
          made = null;
        });
    }
    return made.value;
  };
}
