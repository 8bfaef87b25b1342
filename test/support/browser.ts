// SPDX-License-Identifier: BSD-3-Clause
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A browser of the Chromium family on this machine, or undefined; SKYMILL_CHROMIUM names another. */
export function findBrowser(): string | undefined {
  const names = [process.env['SKYMILL_CHROMIUM'], 'chromium', 'chromium-browser', 'google-chrome'];
  return names.find((name) => name !== undefined && spawnSync(name, ['--version']).status === 0);
}

export interface Page {
  /** Goes to an address and waits until it is loaded. */
  open(url: string, size: { width: number; height: number }, scheme: 'light' | 'dark'): Promise<void>;
  /** Value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
}

/** Starts a browser without a window for as long as `use` takes; spoken to by its DevTools protocol. */
export async function withPage(browser: string, use: (page: Page) => Promise<void>): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'skymill-browser-'));
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', 'about:blank'];
  const child = spawn(browser, [...args, `--user-data-dir=${profile}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  let socket: WebSocket | undefined;
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stderr.on('data', (chunk) => {
        text += chunk;
        const found = /ws:\/\/\S+/.exec(text);
        if (found !== null) resolve(found[0]);
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`the browser ended: ${text}`)));
    });
    socket = new WebSocket(address);
    const page = await connect(socket);
    await use(page);
  } finally {
    socket?.close();
    child.kill();
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the protocol
type Answer = any;

async function connect(socket: WebSocket): Promise<Page> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let loaded = () => {};
  let id = 0;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data));
    if (message.method === 'Page.loadEventFired') loaded();
    waiting.get(message.id)?.(message.result ?? message.error);
  };
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const send = (method: string, params = {}, sessionId?: string): Promise<Answer> =>
    new Promise((resolve) => {
      waiting.set(++id, resolve);
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  const { targetInfos } = await send('Target.getTargets');
  const { targetId } = targetInfos.find((target: { type: string }) => target.type === 'page');
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  await send('Page.enable', {}, sessionId);
  return {
    async open(url, { width, height }, scheme) {
      await send(
        'Emulation.setDeviceMetricsOverride',
        { width, height, deviceScaleFactor: 1, mobile: false },
        sessionId,
      );
      await send(
        'Emulation.setEmulatedMedia',
        { features: [{ name: 'prefers-color-scheme', value: scheme }] },
        sessionId,
      );
      const arrived = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      await send('Page.navigate', { url: 'about:blank' }, sessionId);
      await arrived;
      const there = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      await send('Page.navigate', { url }, sessionId);
      await there;
    },
    async evaluate(expression) {
      const { result } = await send('Runtime.evaluate', { expression, returnByValue: true }, sessionId);
      return result.value;
    },
  };
}
