import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { BrowserContext } from 'playwright-core';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.tsv': 'text/tab-separated-values',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** What goes wrong with an answer: a broken line, a file that is not there, half of it, another type, or seconds of waiting. */
export type Fault = 'broken' | 'missing' | 'cut' | 'type' | 'late' | 'slow';

export interface Host {
  url: string;
  /** Paths that were asked for, in order, with the bytes of their gzip and brotli. */
  served: { readonly path: string; readonly gzip: number; readonly brotli: number }[];
  close(): void;
}

const dist = resolve(import.meta.dirname, '../../dist');

/** Few ask how large an answer is, and to find it takes seconds: it is found when somebody does. */
const weighed = (path: string, body: Buffer) => ({
  path,
  get gzip() {
    return gzipSync(body).length;
  },
  get brotli() {
    return brotliCompressSync(body).length;
  },
});

/**
 * A plain static host, as blogs have them: no CORS headers.
 * @param folders folders by the path they are served under @param pages documents by path
 * @param lacks files that are not there @param fault what is wrong with a path at the time it is asked for
 */
export async function host({
  folders = { '/tilt/': dist },
  pages = {},
  headers = {},
  lacks = /$^/,
  fault = () => null,
}: {
  folders?: Record<string, string>;
  pages?: Record<string, string>;
  headers?: Record<string, string>;
  lacks?: RegExp;
  fault?: (path: string) => Fault | null;
} = {}): Promise<Host> {
  const served: Host['served'] = [];
  const server: Server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const page = pages[path];
    const [prefix, folder] = Object.entries(folders).find(([start]) => path.startsWith(start)) ?? [];
    const wrong = fault(path);
    if (wrong === 'broken') return void request.socket.destroy();
    // Longer than a view waits for the full module.
    if (wrong === 'late') await new Promise((done) => setTimeout(done, 3000));
    // Longer than a page whose waits take a tenth waits for a worker.
    if (wrong === 'slow') await new Promise((done) => setTimeout(done, 1200));
    if (path === '/favicon.ico') return void response.writeHead(204).end();
    try {
      if (
        page === undefined &&
        (prefix === undefined || folder === undefined || lacks.test(path) || wrong === 'missing')
      )
        throw new Error('not here');
      let file = normalize(path.slice(prefix?.length ?? 0));
      if (file.endsWith('/') || file === '.') file = join(file, 'index.html');
      const body = page === undefined ? await readFile(join(folder as string, file)) : Buffer.from(page);
      served.push(weighed(path, body));
      const type = page === undefined ? types[extname(file)] : types['.html'];
      response.writeHead(200, {
        'content-type': wrong === 'type' ? 'text/plain' : (type ?? 'application/octet-stream'),
        'cache-control': wrong ? 'no-store' : 'max-age=600',
        ...headers,
      });
      response.end(wrong === 'cut' ? body.subarray(0, body.length / 2) : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A page of such a host, and what it complains of. */
export async function openHosted(context: BrowserContext, folders: Record<string, string>, path: string) {
  const made = await host({ folders });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(made.url + path);
  return { host: made, page, complaints };
}
