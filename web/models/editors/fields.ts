/** The names that the editor's fields have on the page. */
const names: Record<string, string> = { p: 'probability', reward: 'reward', gold: 'gold reward', label: 'label' };

/** A refusal by the place on the page instead of the scenario's path: "Row 1, probability: ..." */
export const inPlace = (message: string): string =>
  message
    .replace(
      /^model\.(?:tokens|outcomes)\[(\d+)\]\.(\w+):/,
      (_, row, field) => `Row ${Number(row) + 1}, ${names[field] ?? field}:`,
    )
    .replace(/^model\.(?:tokens|outcomes)(?:\.p)?:/, 'Probabilities:')
    .replace(/^model\.initial(?:\[(\d+)\])?:/, (_, state) => (state ? `Start, state ${Number(state) + 1}:` : 'Start:'))
    .replace(
      /^model\.transition\[(\d+)\](?:\[(\d+)\])?:/,
      (_, from, to) => `From state ${Number(from) + 1}${to ? ` to ${Number(to) + 1}` : ''}:`,
    )
    .replace(/^model\.u\[(\d+)\]:/, (_, row) => `Line ${Number(row) + 1}, level:`)
    .replace(/^model\.reward\[(\d+)\]:/, (_, row) => `Line ${Number(row) + 1}, reward:`)
    .replace(/^model\.(\w+):/, (_, field: string) => `${field.charAt(0).toUpperCase()}${field.slice(1)}:`);
