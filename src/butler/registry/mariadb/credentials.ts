// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ServerAddress } from '../database-url.ts';
import { assertPrivate, type Credentials, dbAuthFile, fromDbAuth } from '../server/db-auth.ts';

/**
 * Who connects. The first of these that has a password decides: the URL; `LSST_DB_AUTH_CREDENTIALS` (JSON) or the file of
 * `LSST_DB_AUTH` (default ~/.lsst/db-auth.yaml); `MYSQL_PWD`; the section `[client]` of ~/.my.cnf.
 * @throws BUTLER_CREDENTIALS_FILE if such a file can be read by others or makes no sense
 */
export function findCredentials(address: ServerAddress): Credentials {
  const own = address.user ?? userInfo().username;
  if (address.password !== undefined) return { user: own, password: address.password, source: 'the database URL' };
  const found = fromDbAuth(address);
  if (found !== undefined) return { user: found.username ?? own, password: found.password, source: found.source };
  const variable = process.env['MYSQL_PWD'];
  if (variable !== undefined && variable !== '') return { user: own, password: variable, source: 'MYSQL_PWD' };
  const file = join(homedir(), '.my.cnf');
  const options = clientOptions(file);
  const user = address.user ?? options.get('user') ?? own;
  const password = options.get('password');
  if (password !== undefined) return { user, password, source: file };
  return { user, password: undefined, source: `the URL, ${dbAuthFile()}, MYSQL_PWD or ${file}` };
}

/** What the sections for all clients of an option file say. */
function clientOptions(file: string): Map<string, string> {
  const out = new Map<string, string>();
  if (!existsSync(file)) return out;
  let ours = false;
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    const section = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (section !== undefined) ours = ['client', 'client-server', 'client-mariadb'].includes(section);
    const [, name, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (ours && name !== undefined) out.set(name.replaceAll('_', '-'), value.replace(/^(['"])(.*)\1$/, '$2'));
  }
  if (out.has('password')) assertPrivate(file);
  return out;
}
