// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { parse } from 'yaml';
import { butlerErrors } from '../../errors.ts';
import type { ServerAddress } from '../database-url.ts';
import { globMatcher } from '../glob.ts';

export interface Credentials {
  readonly user: string;
  /** Never printed. Undefined: the server may let the user in without one. */
  readonly password: string | undefined;
  /** Where the password is from, or where it was looked for: for messages. */
  readonly source: string;
}

/** Where the credentials file is: `LSST_DB_AUTH`, by default ~/.lsst/db-auth.yaml. */
export function dbAuthFile(): string {
  const path = process.env['LSST_DB_AUTH'] ?? '~/.lsst/db-auth.yaml';
  return path.replace(/^~(?=\/|$)/, homedir());
}

interface Match {
  username: string | undefined;
  password: string;
  source: string;
}

/** The first entry of the credentials file whose `url` matches: host and database are globs, other parts count if they are there. */
export function fromDbAuth(address: ServerAddress): Match | undefined {
  const json = process.env['LSST_DB_AUTH_CREDENTIALS'];
  const source = json ? 'LSST_DB_AUTH_CREDENTIALS' : dbAuthFile();
  if (!json) {
    if (!existsSync(source)) return undefined;
    assertPrivate(source);
  }
  const bad = (problem: string): Error => butlerErrors.CREDENTIALS_FILE({ path: source, problem });
  let entries: unknown;
  try {
    entries = json ? JSON.parse(json) : parse(readFileSync(source, 'utf8'));
  } catch {
    // The parser's message would quote the text, secrets and all.
    throw bad(`it is not ${json ? 'JSON' : 'YAML'}`);
  }
  if (!Array.isArray(entries)) throw bad('it is not a list of entries with url, username and password');
  for (const [i, entry] of entries.entries()) {
    const { url, username, password } = (entry ?? {}) as Record<string, unknown>;
    const parts = typeof url === 'string' ? urlPattern(url) : undefined;
    if (parts === undefined) throw bad(`entry ${i + 1} has no url of the form ${address.engine}://HOST:PORT/NAME`);
    if (!matches(parts, address)) continue;
    if (typeof password !== 'string' && typeof password !== 'number') throw bad(`entry ${i + 1} has no password`);
    const name = address.user ?? (username === undefined ? undefined : String(username));
    return { username: name, password: String(password), source };
  }
  return undefined;
}

interface UrlPattern {
  scheme: string;
  user?: string;
  host: string;
  port?: string;
  database?: string;
}

function urlPattern(url: string): UrlPattern | undefined {
  const groups =
    /^(?<scheme>\w+):\/\/(?:(?<user>[^@/:]*)(?::[^@/]*)?@)?(?<host>\[[^\]]*\]|[^:/]+)(?::(?<port>\d+))?(?:\/(?<database>.*))?$/.exec(
      url,
    )?.groups;
  return groups as UrlPattern | undefined;
}

function matches(pattern: UrlPattern, address: ServerAddress): boolean {
  return (
    (pattern.scheme === address.engine || (pattern.scheme === 'mysql' && address.engine === 'mariadb')) &&
    (!pattern.database || globMatcher([pattern.database])(address.database)) &&
    (pattern.user === undefined || pattern.user === address.user) &&
    globMatcher([pattern.host.toLowerCase().replace(/^\[(.*)\]$/, '$1')])(address.host.toLowerCase()) &&
    (pattern.port === undefined || Number(pattern.port) === address.port)
  );
}

/** @throws BUTLER_CREDENTIALS_FILE if others than its owner may use a file of passwords */
export function assertPrivate(path: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  const problem = `others than its owner may use it (mode ${mode.toString(8).padStart(3, '0')})`;
  throw butlerErrors.CREDENTIALS_FILE({ path, problem });
}
