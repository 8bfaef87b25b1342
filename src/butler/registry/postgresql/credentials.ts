// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ServerAddress } from '../database-url.ts';
import { assertPrivate, type Credentials, dbAuthFile, fromDbAuth } from '../server/db-auth.ts';

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
