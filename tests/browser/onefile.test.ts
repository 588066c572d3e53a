import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openChromium, openFirefox, rollDice } from './browser.js';

const file = resolve(import.meta.dirname, '../../dist/tilt-lab.html');

test.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
] as const)('one file, opened from the disk in %s, does everything offline', async (_, open) => {
  const context = await open({ viewport: { width: 1200, height: 900 }, offline: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`file://${file}#v=1&seed=1&e=0.1.0&d=3r8kvgmwvg~12.02794~14.18472`);
  await page.locator('[data-verdict=reproduced]').waitFor();
  await page.locator('tilt-drafts').getByText('Best of').first().waitFor();
  await rollDice(page);
  await page.locator('tilt-dice table').waitFor();
  const slider = page.locator('input[type=range]').first();
  await slider.focus();
  await slider.press('ArrowRight');
  await expect.poll(() => page.url()).toContain('kl_per_token=0.201');
  await page.locator('figure[data-figure=tangent]').scrollIntoViewIfNeeded();
  await page.locator('figure[data-figure=tangent] .curve').first().waitFor({ state: 'attached' });
  const transformer = page.locator('tilt-transformer');
  await transformer.getByRole('button', { name: 'Draw 2,000' }).click();
  // What it says is what tells a hang from a slow machine.
  await transformer
    .locator('.earned')
    .waitFor({ timeout: 45_000 })
    .catch(async (error: unknown) => {
      throw new Error(`${error}\n${await transformer.textContent()}\n${complaints.join('\n')}`);
    });
  await transformer.getByText('as the transformer writes').waitFor();
  expect(asked.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test('it points at no other file', () => {
  const text = readFileSync(file, 'utf8').replaceAll(/<script>[\s\S]*?<\/script>/g, '');
  expect(text.match(/<(script|link)[^>]*(src|href)="(?!data:)/g)).toBeNull();
});
