let again = 0;

/**
 * A part that is loaded when it is asked for. Browsers keep a failure under its address, Firefox every one and others that
 * of a script cut short: what did not come is asked for by another address.
 */
export async function retried<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { stack, fileName } = error as { stack?: string; fileName?: string };
    const [address] = /https?:[^\s)?]+\.js/.exec(`${error} ${fileName} ${stack}`) ?? [];
    if (!address) throw error;
    return import(/* @vite-ignore */ `${address}?${++again}`);
  }
}
