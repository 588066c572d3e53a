import type { Request } from './protocol.js';
import { serve } from './serve.js';

const handle = serve((message) => self.postMessage(message));
self.onmessage = ({ data }: MessageEvent<Request>) => void handle(data);
self.postMessage({ type: 'alive' });
