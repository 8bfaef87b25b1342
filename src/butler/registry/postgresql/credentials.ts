// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
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

/**
 * Who connects. The first of these that has a password decides: the URL; `LSST_DB_AUTH_CREDENTIALS` (JSON) or the file of
 * `LSST_DB_AUTH` (default ~/.lsst/db-auth.yaml); `PGPASSWORD`; the file of `PGPASSFILE` (default ~/.pgpass).
 * @throws BUTLER_CREDENTIALS_FILE if such a file can be read by others or makes no sense
 */
export function findCredentials(address: ServerAddress): Credentials {
  const own = address.user ?? userInfo().username;
  if (address.password !== undefined) return { user: own, password: address.password, source: 'the database URL' };
  const found = fromDbAuth(address);
  if (found !== undefined) return { user: found.username ?? own, password: found.password, source: found.source };
  const variable = process.env['PGPASSWORD'];
  if (variable !== undefined && variable !== '') return { user: own, password: variable, source: 'PGPASSWORD' };
  const file = process.env['PGPASSFILE'] ?? join(homedir(), '.pgpass');
  const password = fromPassFile(file, { ...address, user: own });
  if (password !== undefined) return { user: own, password, source: file };
  return { user: own, password: undefined, source: `the URL, ${dbAuthFile()}, PGPASSWORD or ${file}` };
}

function dbAuthFile(): string {
  const path = process.env['LSST_DB_AUTH'] ?? '~/.lsst/db-auth.yaml';
  return path.replace(/^~(?=\/|$)/, homedir());
}

interface Match {
  username: string | undefined;
  password: string;
  source: string;
}

/** The first entry of the credentials file whose `url` matches: host and database are globs, other parts count if they are there. */
function fromDbAuth(address: ServerAddress): Match | undefined {
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
    if (parts === undefined) throw bad(`entry ${i + 1} has no url of the form postgresql://HOST:PORT/NAME`);
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
    pattern.scheme === address.engine &&
    (!pattern.database || globMatcher([pattern.database])(address.database)) &&
    (pattern.user === undefined || pattern.user === address.user) &&
    globMatcher([pattern.host.toLowerCase().replace(/^\[(.*)\]$/, '$1')])(address.host.toLowerCase()) &&
    (pattern.port === undefined || Number(pattern.port) === address.port)
  );
}

/** The password of the first line `host:port:database:user:password` that fits; `*` fits all, `\:` and `\\` are plain characters. */
function fromPassFile(file: string, address: ServerAddress): string | undefined {
  if (!existsSync(file)) return undefined;
  assertPrivate(file);
  const host = address.host.startsWith('/') ? 'localhost' : address.host;
  const wanted = [host, String(address.port), address.database, address.user ?? ''];
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field]) => field.replaceAll(/\\(.)/g, '$1'));
    if (fields.length < 5) continue;
    if (wanted.every((value, i) => fields[i] === '*' || fields[i] === value)) return fields[4];
  }
  return undefined;
}

function assertPrivate(path: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  const problem = `others than its owner may use it (mode ${mode.toString(8).padStart(3, '0')})`;
  throw butlerErrors.CREDENTIALS_FILE({ path, problem });
}
