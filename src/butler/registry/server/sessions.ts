// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../../errors.ts';

/** Sessions for statements; as many again for streams that are being read. */
const defaultSessions = 4;

/** How many sessions a process may hold on a server: SKYMILL_DB_CONNECTIONS, by default 4. */
export function sessionsFromEnvironment(): number {
  const text = process.env['SKYMILL_DB_CONNECTIONS'];
  if (text === undefined || text === '') return defaultSessions;
  if (!/^[1-9]\d{0,2}$/.test(text)) {
    throw butlerErrors.BAD_CONFIG({
      file: 'SKYMILL_DB_CONNECTIONS',
      problem: `"${text}" is not a number from 1 to 999`,
    });
  }
  return Number(text);
}
