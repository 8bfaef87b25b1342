// SPDX-License-Identifier: BSD-3-Clause
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { butlerErrors } from '../errors.ts';

/** Where a registry is: `registry.db` and `registry.namespace` of a repository's configuration, taken apart. */
export type DatabaseAddress = SqliteAddress | ServerAddress;

export interface SqliteAddress {
  readonly engine: 'sqlite';
  /** Absolute path. */
  readonly file: string;
}

export interface ServerAddress {
  readonly engine: 'postgresql' | 'mariadb';
  /** Name or address; a path is the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** Undefined where the configuration leaves it to the credentials. */
  readonly user: string | undefined;
  /** Only if the URL itself has it. Never printed. */
  readonly password: string | undefined;
  readonly database: string;
  /** Schema of the tables (in MariaDB a database); undefined: the user's own default, or the database of the URL. */
  readonly namespace: string | undefined;
  /** `sslmode` and the like. */
  readonly options: ReadonlyMap<string, string>;
}

const rootTag = '<butlerRoot>';

/** What a URL may leave open, by engine. */
const servers = {
  postgresql: {
    port: 5432,
    socket: '/var/run/postgresql',
    environment: { user: 'PGUSER', host: 'PGHOST', port: 'PGPORT' },
  },
  mariadb: {
    port: 3306,
    socket: '/run/mysqld/mysqld.sock',
    environment: { user: undefined, host: 'MYSQL_HOST', port: 'MYSQL_TCP_PORT' },
  },
} as const;
const schemes: Readonly<Record<string, keyof typeof servers>> = {
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mariadb: 'mariadb',
  mysql: 'mariadb',
};

/**
 * Reads the URL of a registry: `sqlite:///FILE` (relative to the repository), `postgresql://[USER[:PASSWORD]@]HOST[:PORT]/NAME`, `mariadb://…`
 * (or `mysql://…`); a driver, as in `postgresql+psycopg2://`, is a matter of other programs and passed over. `where` names the file for errors.
 * @throws BUTLER_BAD_CONFIG which never repeats the URL, for it may hold a password
 */
export function parseDatabaseUrl(
  url: string,
  context: { root: string; where: string; namespace?: string | undefined },
): DatabaseAddress {
  const bad = (problem: string): Error => butlerErrors.BAD_CONFIG({ file: context.where, problem });
  const scheme = /^([a-z0-9]+)(?:\+[a-z0-9_]+)?:/.exec(url)?.[1];
  if (scheme === 'sqlite') {
    const path = /^sqlite(?:\+[a-z0-9_]+)?:\/\/\/(.+)$/.exec(url)?.[1];
    if (path === undefined) throw bad('registry.db is not an SQLite file (sqlite:///…)');
    return { engine: 'sqlite', file: resolve(context.root, path.replaceAll(rootTag, context.root)) };
  }
  if (scheme === 'oracle') throw butlerErrors.ENGINE_NOT_CONNECTED({ file: context.where, engine: 'Oracle' });
  const engine = scheme === undefined ? undefined : schemes[scheme];
  if (engine === undefined) {
    throw bad(
      `registry.db is of the kind "${scheme ?? 'unknown'}"; there are sqlite:///…, postgresql://… and mariadb://…`,
    );
  }
  const { port, socket, environment } = servers[engine];
  let parsed: URL;
  try {
    // A scheme that the URL standard treats like http lets it parse user, host and port.
    parsed = new URL(url.replace(/^[a-z0-9+_]+:/, 'postgresql:'));
  } catch {
    throw bad(`registry.db is not a URL of the form ${engine}://USER@HOST:PORT/NAME`);
  }
  const decode = (text: string): string | undefined => {
    try {
      return text === '' ? undefined : decodeURIComponent(text);
    } catch {
      throw bad('registry.db has a percent sign that begins no escape; write %25 for one');
    }
  };
  const options = new Map(parsed.searchParams);
  const user = decode(parsed.username) ?? options.get('user') ?? variable(environment.user);
  const host = decode(parsed.hostname.replace(/^\[(.*)\]$/, '$1')) ?? options.get('host') ?? variable(environment.host);
  return {
    engine,
    host: host ?? socket,
    port: Number((parsed.port || options.get('port')) ?? variable(environment.port) ?? port),
    user,
    password: decode(parsed.password) ?? options.get('password'),
    database: decode(parsed.pathname.slice(1)) ?? options.get('dbname') ?? user ?? userInfo().username,
    namespace: context.namespace,
    options,
  };
}

function variable(name: string | undefined): string | undefined {
  return name === undefined ? undefined : process.env[name];
}

/** How a database is named in messages: without password. */
export function describeAddress(address: DatabaseAddress): string {
  if (address.engine === 'sqlite') return address.file;
  const user = address.user === undefined ? '' : `${address.user}@`;
  const host = address.host.startsWith('/') ? `[${address.host}]` : address.host;
  const schema = address.namespace === undefined ? '' : ` (schema ${address.namespace})`;
  return `${address.engine}://${user}${host}:${address.port}/${address.database}${schema}`;
}
