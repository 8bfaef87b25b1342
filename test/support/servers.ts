// SPDX-License-Identifier: BSD-3-Clause
import { startPostgres } from './postgres.ts';

/** Global set-up of the heavier tier: one PostgreSQL server for all its tests, unless SKYMILL_TEST_POSTGRES names one. */
export default async function setup(): Promise<(() => void) | undefined> {
  if (process.env['SKYMILL_TEST_POSTGRES']) return undefined;
  const server = await startPostgres();
  process.env['SKYMILL_TEST_POSTGRES'] = server.url;
  return () => server.remove();
}
