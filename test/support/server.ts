// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const script = resolve(import.meta.dirname, '../../scripts/services.sh');

export type ServerKind = 'postgresql' | 'mariadb';

/** A server of our own on loopback. */
export interface TestServer {
  /** With the superuser's name and password. */
  readonly url: string;
  /** Starts it again after `stop`, on the same port with the same data. */
  start(): void;
  stop(mode?: 'fast' | 'immediate'): void;
  /** Stops it and removes its folder. */
  remove(): void;
}

/** A PostgreSQL server; see {@link startServerOf}. */
export function startPostgres(settings: readonly string[] = []): Promise<TestServer> {
  return startServerOf('postgresql', settings);
}

/** Starts a server in a temporary folder, installing it first if need be. `settings`: `max_connections=20`, …. */
export async function startServerOf(kind: ServerKind, settings: readonly string[] = []): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), `skymill-${kind}-`));
  const port = await freePort();
  const call = (...args: string[]): string =>
    execFileSync('sh', [script, kind, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const start = (): string => call('up', dir, String(port), ...settings);
  const url = start();
  return {
    url,
    start: () => void start(),
    stop: (mode = 'fast') => void call('down', dir, mode),
    remove: () => {
      call('down', dir, 'immediate');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
