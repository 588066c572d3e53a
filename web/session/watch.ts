import type { ReactiveControllerHost } from 'lit';
import type { Session } from './session.js';

/** Draws an element anew whenever its session tells of something, for as long as it stands in a page. */
export function watch(host: ReactiveControllerHost & { readonly session: Session }): void {
  let stop = () => {};
  host.addController({
    hostConnected() {
      stop = host.session.subscribe(() => host.requestUpdate());
    },
    hostDisconnected() {
      stop();
    },
  });
}
