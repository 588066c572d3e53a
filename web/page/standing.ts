import type { LitElement } from 'lit';
import type { TiltLabError } from '../scenario/error.js';

const still = () => document.getElementById('still');

/** The picture that stands in the document makes way, in the frame in which `figure` is drawn over it. */
export async function makeWay(figure: Element | null): Promise<void> {
  if (!still()) return;
  await (figure as LitElement | null)?.updateComplete;
  still()?.remove();
}

/** Where no engine starts, the picture stays and says why. */
export function stayStanding({ kind, message }: TiltLabError): void {
  const line = still()?.querySelector('.of-failure');
  if (!line || (kind !== 'start' && kind !== 'engine')) return;
  const { dataset } = document.documentElement;
  delete dataset.other;
  dataset.failed = '';
  const said = document.createElement('p');
  said.className = 'notice';
  said.textContent = `${message} What you see is the default figure, as it was when this page was built.`;
  line.replaceChildren(said);
}
