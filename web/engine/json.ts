/** JSON carries no infinity and no NaN: both become null, wherever they stand in `value`. */
export function finite<T>(value: T): T {
  if (typeof value === 'number') return (Number.isFinite(value) ? value : null) as T;
  if (Array.isArray(value)) return value.map(finite) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, finite(entry)])) as T;
  }
  return value;
}

/** The same with blocks of numbers turned into lists. */
export function lists<T>(value: T): T {
  if (value instanceof Float64Array) return finite(Array.from(value)) as T;
  if (Array.isArray(value)) return value.map(lists) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, lists(entry)])) as T;
  }
  return finite(value);
}
