// SPDX-License-Identifier: BSD-3-Clause
import { type ServerKind, startServerOf } from './server.ts';

const variables: Readonly<Record<ServerKind, string>> = {
  postgresql: 'SKYMILL_TEST_POSTGRES',
  mariadb: 'SKYMILL_TEST_MARIADB',
};

/** Starts a server of a kind for tests, unless its variable (SKYMILL_TEST_POSTGRES, SKYMILL_TEST_MARIADB) names one. */
export async function startServer(kind: ServerKind): Promise<(() => void) | undefined> {
  if (process.env[variables[kind]]) return undefined;
  const server = await startServerOf(kind);
  process.env[variables[kind]] = server.url;
  return () => server.remove();
}

/** Global set-up of the heavier tier: one server of each kind for all its tests. */
export default async function setup(): Promise<() => void> {
  const stops = [await startServer('postgresql'), await startServer('mariadb')];
  return () => {
    for (const stop of stops) stop?.();
  };
}
