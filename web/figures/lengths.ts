/** The axis of lengths, from one token to a billion. */
export const lengthTicks = [1, 1e3, 1e6, 1e9];
export const lengths = { domain: [1, 1e9] as [number, number], log: true, ticks: lengthTicks };
export const lengthName = (n: number) => ({ 1: '1', 1e3: '1,000', 1e6: 'a million', 1e9: 'a billion' })[n] ?? '';
