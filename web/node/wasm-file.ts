import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { WasmFile } from '../engine/wasm-file.js';

/** An address as people write it: with its scheme, or as a path. */
const urlOf = (address: string): URL =>
  /^[a-z][a-z\d+.-]+:/i.test(address) ? new URL(address) : pathToFileURL(address);

async function bytesOf(url: URL): Promise<BufferSource> {
  // Node's fetch refuses files.
  if (url.protocol === 'file:') return readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}

/** `engine/wasm-file.ts` for Node: its bytes. The package has its wasm files one folder up. */
export const wasmFile = async (file: string, address?: string): Promise<WasmFile> => ({
  start: await bytesOf(address === undefined ? new URL(`../${file}`, import.meta.url) : urlOf(address)),
});
