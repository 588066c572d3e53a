import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, firefox } from 'playwright-core';
import { type PreviewServer, preview } from 'vite';
import flags from './chromium-flags.json' with { type: 'json' };

/** The built site on a port of its own. */
export async function serve(): Promise<{ server: PreviewServer; url: string }> {
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('the preview server has no address');
  return { server, url };
}

const profile = () => mkdtempSync(join(tmpdir(), 'tiltlab-browser-'));

export type Options = Parameters<typeof chromium.launchPersistentContext>[1];

export const openChromium = (options: Options = {}): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile(), { executablePath: '/usr/bin/chromium', args: flags, ...options });

export const openFirefox = async (options: Options = {}): Promise<BrowserContext> => {
  const browser = await firefox.launch({ channel: 'moz-firefox', executablePath: '/usr/bin/firefox-esr' });
  const context = await browser.newContext(options as Parameters<typeof browser.newContext>[0]);
  context.on('close', () => void browser.close());
  return context;
};
