// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ConnectionOptions } from 'mysql2';
import { butlerErrors } from '../../errors.ts';
import { describeAddress, type ServerAddress } from '../database-url.ts';
import type { Patience } from '../server/patience.ts';
import { findCredentials } from './credentials.ts';
import { textRules } from './ddl.ts';
import { isConnectionLoss, isServerFull, translateConnectError } from './errors.ts';

const connectTimeoutMs = 15_000;
/** A stream may be read slowly; by default the server gives up a reader after a minute. */
const slowestReadSeconds = 28_800;
const lockSeconds = 60;

const modes = 'PIPES_AS_CONCAT,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';

export interface Connector {
  /** For messages: without password. */
  readonly location: string;
  /** A new session. Waits for a server that is full, starts up or is away for a while; then one clear error. */
  connect(patience: Patience): Promise<Connection>;
}

/** Prepares connecting to an address: finds credentials once, loads the client library. `database`: absent, no database is chosen. */
export async function connector(
  address: ServerAddress,
  options: { readOnly: boolean; database?: string | undefined },
): Promise<Connector> {
  const { createConnection } = (await import('mysql2')).default;
  const credentials = findCredentials(address);
  const location = describeAddress({ ...address, user: credentials.user });
  let secure = wantedSecurity(address);
  const settings: ConnectionOptions = {
    ...(address.host.startsWith('/') ? { socketPath: address.host } : { host: address.host, port: address.port }),
    user: credentials.user,
    password: credentials.password ?? '',
    ...(options.database === undefined ? {} : { database: options.database }),
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
    charset: 'utf8mb4_bin',
    rowsAsArray: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    // Rows that an update leaves as they were do not count; no file of this machine is ever sent.
    flags: ['-FOUND_ROWS', '-LOCAL_FILES'],
    connectAttributes: { program_name: 'skymill' },
  };
  const attempt = async (): Promise<Connection> => {
    const connection = createConnection({ ...settings, ...(secure.ssl === undefined ? {} : { ssl: secure.ssl }) });
    // Without a listener the loss of an idle connection would end the process; its next use reports it.
    connection.on('error', () => {});
    try {
      await new Promise<void>((done, fail) => {
        connection.connect((error) => (error === null ? done() : fail(error)));
      });
      for (const sql of sessionSettings(options.readOnly)) await command(connection, sql);
      return connection;
    } catch (error) {
      connection.destroy();
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
          if (secure.fallback && (error as { code?: string }).code === 'HANDSHAKE_NO_SSL_SUPPORT') {
            secure = { ssl: undefined, fallback: false };
            continue;
          }
          const waited = (Date.now() - started) / 1000;
          const limit = isServerFull(error) ? patience.full : isConnectionLoss(error) ? patience.away : 0;
          if (waited >= limit) {
            throw translateConnectError(error, {
              location,
              user: credentials.user,
              database: options.database ?? address.database,
              credentials: credentials.source,
              hasPassword: credentials.password !== undefined,
            });
          }
          await sleep(50 + Math.random() * Math.min(1000, 100 + 200 * waited));
        }
      }
    },
  };
}

function command(connection: Connection, sql: string): Promise<void> {
  return new Promise((done, fail) => {
    connection.query(sql, (error) => (error === null ? done() : fail(error)));
  });
}

function sessionSettings(readOnly: boolean): string[] {
  return [
    `SET NAMES ${textRules.replace('CHARACTER SET ', '')}`,
    `SET SESSION sql_mode = '${modes}', net_write_timeout = ${slowestReadSeconds}, innodb_lock_wait_timeout = ${lockSeconds}`,
    // As the other servers by default: each statement sees what is committed when it begins.
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    ...(readOnly ? ['SET SESSION TRANSACTION READ ONLY'] : []),
  ];
}

interface Security {
  ssl: { rejectUnauthorized: boolean; ca?: string; verifyIdentity?: boolean } | undefined;
  /** Go on without encryption where the server has none. */
  fallback: boolean;
}

/** `sslmode` with the words that PostgreSQL's clients have for it: by default encrypted if the server can. */
function wantedSecurity({ options, host }: ServerAddress): Security {
  const mode = options.get('sslmode') ?? 'prefer';
  if (host.startsWith('/') || mode === 'disable' || mode === 'allow') return { ssl: undefined, fallback: false };
  const file = options.get('sslrootcert');
  const trusted = file === undefined ? {} : { ca: readCertificate(file) };
  if (mode === 'verify-full') {
    return { ssl: { rejectUnauthorized: true, verifyIdentity: true, ...trusted }, fallback: false };
  }
  if (mode === 'verify-ca' || file !== undefined) {
    return { ssl: { rejectUnauthorized: true, ...trusted }, fallback: false };
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
