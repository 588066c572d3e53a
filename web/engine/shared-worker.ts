import type { Request } from './protocol.js';
import { serve } from './serve.js';

/** One engine for all embeds of a page that come from the same site. */
(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports: [port] }) => {
  if (!port) return;
  const handle = serve((message) => port.postMessage(message));
  port.onmessage = ({ data }: MessageEvent<Request>) => void handle(data);
  port.postMessage({ type: 'alive' });
};
