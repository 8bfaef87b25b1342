// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Butler } from '../src/butler/index.ts';
import { startPostgres } from '../test/support/server.ts';
import { chain } from './butler/chain.ts';
import { objects } from './butler/objects.ts';
import { overlaps } from './butler/overlaps.ts';
import { peerHas } from './butler/peer.ts';
import { createHere, registration } from './butler/registration.ts';
import { rows } from './butler/rows.ts';
import { rawIngestFigures } from './butler-ingest.ts';
import type { Figure } from './figure.ts';
import { startUpFigures } from './startup.ts';

/** The registry and small objects beside the peer, in turn on the same records. `SKYMILL_BENCH_ONLY=chain,rows` chooses. */
export async function* figures(): AsyncGenerator<Figure> {
  const only = process.env['SKYMILL_BENCH_ONLY']?.split(',');
  const wanted = (part: string): boolean => only === undefined || only.includes(part);
  const dir = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    if (wanted('registration')) yield* registration(dir, 'SQLite', 15, createHere);
    if (wanted('rows')) yield* rows(dir);
    if (wanted('overlaps')) yield* overlaps(dir);
    if (wanted('objects')) yield* objects(dir);
    if (wanted('chain')) yield* chain(dir, 'SQLite', createHere);
    if (wanted('ingest')) yield* rawIngestFigures();
    if (wanted('startup')) yield* startUpFigures();
    if (wanted('postgresql')) yield* onPostgres(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function* onPostgres(dir: string): AsyncGenerator<Figure> {
  const server = await startPostgres();
  const url = new URL(server.url);
  // Both sides find the password there; it never stands in a repository.
  process.env['PGPASSWORD'] = decodeURIComponent(url.password);
  url.password = '';
  let schemas = 0;
  const create = (root: string): Promise<Butler> =>
    Butler.create(root, { database: url.href, namespace: `bench_${++schemas}` });
  try {
    if (peerHas('psycopg2')) yield* registration(dir, 'PostgreSQL', 5, create);
    else
      process.stderr.write(
        '*** the peer has no psycopg2 (run scripts/peers.sh): no figure of registering on PostgreSQL\n',
      );
    yield* chain(dir, 'PostgreSQL', create);
  } finally {
    server.remove();
  }
}
