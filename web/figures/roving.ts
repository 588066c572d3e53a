/**
 * One tab stop for a row of buttons: arrow keys go from one to the next (the toolbar pattern of ARIA's authoring
 * practices). Bound to the element that has them.
 */
export function rove(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const to = { Home: 0, End: -1 }[event.key];
  if (step === undefined && to === undefined) return;
  const row = event.currentTarget as HTMLElement;
  const all = [...row.querySelectorAll<HTMLElement>('[data-rove]')];
  const now = all.indexOf(event.target as HTMLElement);
  if (now < 0) return;
  event.preventDefault();
  event.stopPropagation();
  const next = all.at(to ?? (now + (step ?? 0)) % all.length);
  for (const each of all) each.tabIndex = each === next ? 0 : -1;
  next?.focus();
}
