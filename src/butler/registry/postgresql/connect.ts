// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { butlerErrors } from '../../errors.ts';
import { describeAddress, type ServerAddress } from '../database-url.ts';
import type { Credentials } from '../server/db-auth.ts';
import type { Patience } from '../server/patience.ts';
import { findCredentials } from './credentials.ts';
import { isConnectionLoss, isServerFull, translateConnectError } from './errors.ts';

const connectTimeoutMs = 15_000;

export interface Connector {
  /** For messages: without password. */
  readonly location: string;
  /** A new session. Waits for a server that is full, starts up or is away for a while; then one clear error. */
  connect(patience: Patience): Promise<Client>;
}

/** Prepares connecting to an address: finds credentials once, loads the client library. */
export async function connector(address: ServerAddress, options: { readOnly: boolean }): Promise<Connector> {
  const { Client } = (await import('pg')).default;
  const credentials = findCredentials(address);
  const location = describeAddress({ ...address, user: credentials.user });
  // A pool between us and the server may refuse settings for the session (then all is said in each transaction).
  let sendSettings = true;
  let secure = wantedSecurity(address);
  const attempt = async (): Promise<Client> => {
    const client = new Client({
      host: address.host,
      port: address.port,
      user: credentials.user,
      password: credentials.password ?? '',
      database: address.database,
      ssl: secure.ssl ?? false,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      application_name: 'skymill',
      ...(sendSettings ? { options: sessionSettings(address, options.readOnly) } : {}),
    });
    // Without a listener the loss of an idle connection would end the process; its next use reports it.
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
  };
  return {
    location,
    async connect(patience) {
      const started = Date.now();
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          const message = (error as Error).message;
          if (sendSettings && /unsupported startup parameter/i.test(message)) sendSettings = false;
          else if (secure.fallback && /does not support SSL/i.test(message))
            secure = { ssl: undefined, fallback: false };
          else {
            const waited = (Date.now() - started) / 1000;
            const limit = isServerFull(error) ? patience.full : isConnectionLoss(error) ? patience.away : 0;
            if (waited >= limit) throw connectError(error, location, address, credentials);
            await sleep(50 + Math.random() * Math.min(1000, 100 + 200 * waited));
          }
        }
      }
    },
  };
}

function connectError(error: unknown, location: string, address: ServerAddress, credentials: Credentials): unknown {
  return translateConnectError(error, {
    location,
    user: credentials.user,
    database: address.database,
    credentials: credentials.source,
    hasPassword: credentials.password !== undefined,
  });
}

function sessionSettings({ namespace }: ServerAddress, readOnly: boolean): string {
  // Streams are read to their end: without this, cursors get the plan that gives the first rows soonest, which may take a hundred times as
  // long for all of them. Compiling a query (JIT) takes longer than those of a registry run.
  const settings = ['-c cursor_tuple_fraction=1 -c jit=off', readOnly ? '-c default_transaction_read_only=on' : ''];
  if (namespace !== undefined) settings.push(`-c search_path=${searchPath(namespace).replaceAll(/([\\ ])/g, '\\$1')}`);
  return settings.filter((setting) => setting !== '').join(' ');
}

export function searchPath(namespace: string): string {
  return `"${namespace.replaceAll('"', '""')}"`;
}

interface Security {
  ssl: { rejectUnauthorized: boolean; ca?: string; checkServerIdentity?: () => undefined } | undefined;
  /** Go on without encryption where the server has none. */
  fallback: boolean;
}

/** `sslmode` as libpq has it: by default encrypted if the server can. */
function wantedSecurity({ options, host }: ServerAddress): Security {
  const mode = options.get('sslmode') ?? process.env['PGSSLMODE'] ?? 'prefer';
  if (host.startsWith('/') || mode === 'disable' || mode === 'allow') return { ssl: undefined, fallback: false };
  const ca = options.get('sslrootcert') ?? process.env['PGSSLROOTCERT'];
  const trusted = ca === undefined ? {} : { ca: readCertificate(ca) };
  if (mode === 'verify-full') return { ssl: { rejectUnauthorized: true, ...trusted }, fallback: false };
  if (mode === 'verify-ca' || ca !== undefined) {
    return { ssl: { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...trusted }, fallback: false };
  }
  return { ssl: { rejectUnauthorized: false }, fallback: mode === 'prefer' };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw butlerErrors.FILE_UNREADABLE({ path, reason: (error as Error).message }, { cause: error });
  }
}
