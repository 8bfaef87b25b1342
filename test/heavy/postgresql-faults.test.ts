// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { newUuid, SkymillError } from '../../src/base/index.ts';
import {
  Butler,
  type DatasetRef,
  exportDatasets,
  FileLimitedButler,
  importRepository,
} from '../../src/butler/index.ts';
import { parseDatabaseUrl } from '../../src/butler/registry/database-url.ts';
import { openDatabase } from '../../src/butler/registry/open-database.ts';
import { addCamera } from '../butler/camera.ts';
import { type CuttingProxy, cuttingProxy } from '../support/cutting-proxy.ts';
import { asAdmin, postgresUrl } from '../support/databases.ts';
import { freePort, startPostgres, type TestServer } from '../support/server.ts';

let server: TestServer;
let dir: string;
const env = { ...process.env };

beforeAll(async () => {
  // Few places, so that many clients must share them; and what is committed stays.
  server = await startPostgres(['max_connections=24', 'fsync=on']);
  process.env['SKYMILL_TEST_POSTGRES'] = server.url;
  dir = mkdtempSync(join(tmpdir(), 'skymill-postgres-faults-'));
});
afterAll(() => {
  server.remove();
  rmSync(dir, { recursive: true, force: true });
  process.env = env;
});

let made = 0;
async function newButler(detectors = 0): Promise<Butler> {
  const name = `r${++made}`;
  const butler = await Butler.create(join(dir, name), { database: postgresUrl()!, namespace: name });
  await addCamera(butler);
  await butler.registerCollection('run', 'RUN');
  await butler.registerDatasetTypes([butler.makeDatasetType('d', ['detector'], 'StructuredDataDict')]);
  const rows = Array.from({ length: detectors }, (_, i) => ({ instrument: 'Cam', id: 1000 + i, full_name: `D${i}` }));
  await butler.insertRecords('detector', rows);
  return butler;
}

async function refsOf(butler: Butler, run: string, count: number): Promise<DatasetRef[]> {
  const datasetType = await butler.getDatasetType('d');
  return Array.from({ length: count }, (_, i) => ({
    id: newUuid(),
    datasetType,
    dataId: butler.universe.coordinate(datasetType.dimensions, { instrument: 'Cam', detector: 1000 + i }),
    run,
  }));
}

async function count(butler: Butler, run: string): Promise<number> {
  let n = 0;
  for await (const _ of butler.query().datasets('d', { collections: [run] })) n++;
  return n;
}

describe('a bulk load', () => {
  const size = 20_000;
  let loads = 0;
  let butler: Butler;
  beforeAll(async () => {
    butler = await newButler(size);
  });
  afterAll(() => butler.close());

  /** Loads while something happens to the server: all is there or nothing, and it says which. */
  async function loadDuring(round: number, fault: () => Promise<unknown>): Promise<string> {
    const run = `bulk/${++loads}`;
    await butler.registerCollection(run, 'RUN');
    const refs = await refsOf(butler, run, size);
    const type = await butler.registry.types.get('d');
    const collection = await butler.registry.collections.get(run);
    const done = butler.registry.datasets.insert(type, collection, refs).then(
      () => 'done',
      (error: unknown) => {
        if (!(error instanceof SkymillError)) throw error;
        return error.code;
      },
    );
    await sleep(20 + round * 90);
    await fault();
    const outcome = await done;
    expect(await count(butler, run)).toBe(outcome === 'done' ? size : 0);
    expect(['done', 'BUTLER_DATABASE_INTERRUPTED']).toContain(outcome);
    return outcome;
  }

  it('goes on, or is undone with one error, when its connections are cut', async () => {
    const cut = () =>
      asAdmin(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'skymill' AND pid <> pg_backend_pid()",
      );
    const outcomes = [];
    for (let round = 0; round < 6; round++) outcomes.push(await loadDuring(round, cut));
    // It can be repeated as a whole, and so it is.
    expect(outcomes).toEqual(outcomes.map(() => 'done'));
  });

  it('goes on, or is undone with one error, when the server crashes and comes back', async () => {
    for (let round = 0; round < 4; round++) {
      const crash = async () => {
        server.stop('immediate');
        await sleep(300);
        server.start();
      };
      expect(await loadDuring(round, crash)).toBe('done');
    }
  });

  it('that cannot be repeated is undone with one error', async () => {
    const refs = await refsOf(butler, 'run', size);
    const type = await butler.registry.types.get('d');
    const collection = await butler.registry.collections.get('run');
    let bodies = 0;
    const load = butler.transaction(async () => {
      bodies++;
      await butler.registry.datasets.insert(type, collection, refs);
      server.stop('immediate');
      server.start();
      await butler.registerCollection('after', 'RUN');
    });
    await expect(load).rejects.toMatchObject({ code: 'BUTLER_DATABASE_INTERRUPTED' });
    expect(bodies).toBe(1);
    expect(await count(butler, 'run')).toBe(0);
    expect(await butler.listCollections(['after'])).toEqual([]);
  });
});

describe('the end of a transaction', () => {
  let proxy: CuttingProxy;
  beforeAll(async () => {
    proxy = await cuttingProxy(Number(new URL(server.url).port));
  });
  afterAll(() => proxy.close());

  async function throughProxy(): Promise<{ straight: Butler; cut: Butler }> {
    const straight = await newButler();
    const url = new URL(postgresUrl()!);
    url.port = String(proxy.port);
    const text = `datastore:\n  cls: lsst.daf.butler.datastores.fileDatastore.FileDatastore\n  root: ${straight.root}\nregistry:\n  db: ${url.href}\n  namespace: r${made}\n`;
    writeFileSync(join(dir, `proxy${made}.yaml`), text);
    return { straight, cut: await Butler.open(join(dir, `proxy${made}.yaml`), { writeable: true }) };
  }

  afterEach(() => vi.unstubAllEnvs());

  it.each([
    { heard: true, sessions: '4' },
    { heard: false, sessions: '4' },
    { heard: true, sessions: '1' },
  ])(
    'may be lost on the way (the server hears of it: $heard, sessions: $sessions): what the caller hears is true',
    async ({ heard, sessions }) => {
      vi.stubEnv('SKYMILL_DB_CONNECTIONS', sessions);
      const { straight, cut } = await throughProxy();
      try {
        // Not repeatable: the transaction of the caller has a body of its own.
        let bodies = 0;
        const work = cut.transaction(async () => {
          bodies++;
          await cut.registerCollection('one', 'RUN');
          trapped = proxy.cutAt('COMMIT', { heard });
        });
        let trapped: Promise<void> | undefined;
        if (heard) await work;
        else await expect(work).rejects.toMatchObject({ code: 'BUTLER_DATABASE_INTERRUPTED' });
        await trapped;
        expect(bodies).toBe(1);
        expect(await straight.listCollections(['one'])).toHaveLength(heard ? 1 : 0);
        // Repeatable: it is run again only if it was undone.
        const again = proxy.cutAt('COMMIT', { heard });
        expect(await cut.registerCollection('two', 'RUN')).toBe(true);
        await again;
        expect(await straight.listCollections(['two'])).toHaveLength(1);
      } finally {
        await cut.close();
        await straight.close();
      }
    },
  );

  it('of an ingest, of outputs or of an import may be lost before files move: it is run again; later it is undone', async () => {
    const { straight, cut } = await throughProxy();
    try {
      const refs = await refsOf(straight, 'run', 3);
      await straight.insertRecords(
        'detector',
        refs.map((_, i) => ({ instrument: 'Cam', id: 1000 + i, full_name: `D${i}` })),
      );
      const file = (i: number) => {
        const path = join(dir, `in${made}-${i}.yaml`);
        writeFileSync(path, `number: ${i}\n`);
        return { path, datasetType: refs[i].datasetType, dataIds: [refs[i].dataId] };
      };
      const options = { run: 'run', transfer: 'move' } as const;
      const lostAt = async (text: string, action: () => Promise<unknown>): Promise<unknown> => {
        const sprung = proxy.cutAt(text, { heard: false });
        const result = await action();
        await sprung;
        return result;
      };
      const first = file(0);
      await lostAt('INSERT INTO file_datastore_records', () => cut.ingest([first], options));
      expect(existsSync(first.path)).toBe(false);
      const dataId = { instrument: 'Cam', detector: 1000 };
      const found = await straight.findDataset('d', dataId, { collections: ['run'] });
      expect(await straight.get(found!)).toEqual({ number: 0 });

      const second = file(1);
      const interrupted = { code: 'BUTLER_DATABASE_INTERRUPTED' };
      await lostAt('COMMIT', () => expect(cut.ingest([second], options)).rejects.toMatchObject(interrupted));
      expect(existsSync(second.path)).toBe(true);
      expect(await count(straight, 'run')).toBe(1);
      await cut.ingest([second], options);
      expect(await count(straight, 'run')).toBe(2);

      const detector = { instrument: 'Cam', id: 1002, full_name: 'D2' };
      const datasets = [{ id: refs[2].id, ...straight.predictFile(refs[2], { detector }) }];
      const limited = new FileLimitedButler({ root: straight.root, datasets });
      const outputs = [{ ref: refs[2], record: (await limited.put({ number: 2 }, refs[2])).record }];
      expect(await lostAt('COMMIT', () => cut.registerOutputs(outputs))).toEqual({ registered: 1, present: 0 });
      expect(await count(straight, 'run')).toBe(3);

      const folder = join(dir, `export${made}`);
      await exportDatasets(straight, [refs[2]], { directory: folder, transfer: 'copy' });
      await cut.pruneDatasets([refs[2]], { mode: 'purge' });
      await lostAt('INSERT INTO file_datastore_records', () =>
        importRepository(cut, { directory: folder, transfer: 'copy' }),
      );
      expect(await straight.get(refs[2])).toEqual({ number: 2 });
    } finally {
      await cut.close();
      await straight.close();
    }
  });
});

it('two hundred operations in five processes share the places of the server', async () => {
  const butler = await newButler(50);
  let most = 0;
  const watching = new AbortController();
  const watch = (async () => {
    while (!watching.signal.aborted) {
      const rows = await asAdmin("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'skymill'").catch(
        () => [[0]],
      );
      most = Math.max(most, Number(rows[0][0]));
      await sleep(20);
    }
  })();
  const program = join(import.meta.dirname, 'pool-process.ts');
  const runs = Array.from({ length: 5 }, (_, i) => i).map(
    (i) =>
      new Promise<string>((resolve) => {
        const child = spawn(process.execPath, [program, butler.root, `p${i}`, '40'], {
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let complaint = '';
        child.stderr.on('data', (chunk: Buffer) => (complaint += chunk));
        child.on('close', (code) => resolve(code === 0 ? 'done' : complaint));
      }),
  );
  expect(await Promise.all(runs)).toEqual(runs.map(() => 'done'));
  watching.abort();
  await watch;
  const [[datasets]] = await butler.registry.db.rows('SELECT count(*) FROM dataset');
  expect(datasets).toBe(200);
  expect(most).toBeGreaterThan(4);
  expect(most).toBeLessThanOrEqual(21);
  await butler.close();
});

const bouncer = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path));
if (bouncer === undefined)
  process.stderr.write('\n*** SKIPPED: a pool of connections between: pgbouncer is not installed\n');

describe.skipIf(bouncer === undefined).each(['', 'ignore_startup_parameters = options'])(
  'a pool of connections between, %s',
  (setting) => {
    let child: ChildProcess;
    let port: number;
    beforeAll(async () => {
      const { port: own, password } = new URL(server.url);
      port = await freePort();
      const home = mkdtempSync(join(tmpdir(), 'skymill-pgbouncer-'));
      writeFileSync(join(home, 'users'), `"postgres" "${password}"\n`);
      const lines = [
        '[databases]',
        `postgres = host=127.0.0.1 port=${own} dbname=postgres user=postgres password=${password}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_type = plain',
        `auth_file = ${home}/users`,
        'pool_mode = transaction',
        'default_pool_size = 3',
        setting,
      ];
      writeFileSync(join(home, 'pgbouncer.ini'), lines.join('\n'));
      chmodSync(home, 0o755);
      // It refuses to run as root.
      const asUser =
        process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] : [];
      const [program, ...args] = [...asUser, bouncer!, join(home, 'pgbouncer.ini')];
      child = spawn(program, args, { stdio: 'ignore' });
    });
    afterAll(() => child.kill());

    it('makes no difference', async () => {
      const url = new URL(postgresUrl()!);
      url.port = String(port);
      const name = `r${++made}`;
      const create = () => Butler.create(join(dir, name), { database: url.href, namespace: name });
      const butler = await create();
      await addCamera(butler);
      await butler.registerCollection('run', 'RUN');
      await butler.registerDatasetTypes([butler.makeDatasetType('d', ['detector'], 'StructuredDataDict')]);
      const rows = Array.from({ length: 12_000 }, (_, i) => ({ instrument: 'Cam', id: 1000 + i, full_name: `D${i}` }));
      await butler.insertRecords('detector', rows);
      const put = (detector: number) => butler.put({ detector }, 'd', { instrument: 'Cam', detector }, 'run');
      await Promise.all([1, 2, 3, 4, 1000, 1001, 1002, 1003].map(put));
      let seen = 0;
      for await (const _ of butler.query().dimensionRecords('detector')) {
        if (++seen % 4000 !== 0) continue;
        const ref = await butler.findDataset('d', { instrument: 'Cam', detector: 1 }, { collections: ['run'] });
        expect(await butler.get(ref!)).toEqual({ detector: 1 });
        await put(2000 + seen / 4000);
      }
      expect(seen).toBe(12_004);
      await butler.close();
      const reader = await Butler.open(butler.root);
      expect(await count(reader, 'run')).toBe(11);
      await reader.close();
    });
  },
);

describe('who may not', () => {
  afterEach(() => {
    for (const name of ['PGPASSWORD', 'LSST_DB_AUTH', 'LSST_DB_AUTH_CREDENTIALS', 'PGPASSFILE'])
      delete process.env[name];
    postgresUrl();
  });
  const secret = 'open sesame: ☃';
  const address = (user: string, database = 'postgres', port?: number) => {
    const url = new URL(server.url);
    const { password: _, ...rest } = parseDatabaseUrl(
      `postgresql://${user}@127.0.0.1:${port ?? url.port}/${database}`,
      { root: '/', where: 'test' },
    ) as { password?: string };
    return rest as Parameters<typeof openDatabase>[0];
  };
  /** Opens, and gives the error with all that is printed of it. */
  async function refusal(
    where: Parameters<typeof openDatabase>[0],
    writeable = false,
  ): Promise<{ code: string; text: string }> {
    try {
      await (await openDatabase(where, { writeable })).close();
    } catch (error) {
      const { code, message, next } = error as SkymillError;
      return { code, text: `${message} ${next}` };
    }
    return { code: 'opened', text: '' };
  }

  it('write, reads: with a clear word', async () => {
    const butler = await newButler();
    const schema = `r${made}`;
    await asAdmin(`CREATE ROLE stranger LOGIN PASSWORD '${secret}'`);
    process.env['PGPASSWORD'] = secret;
    const outside = await refusal({ ...address('stranger'), namespace: schema } as Parameters<typeof openDatabase>[0]);
    expect(outside.code).toBe('BUTLER_NO_PRIVILEGE');
    expect(outside.text).toMatch(/its schema may not be used/);
    await asAdmin(
      `CREATE ROLE guest LOGIN PASSWORD '${secret}'; GRANT USAGE ON SCHEMA ${schema} TO guest; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO guest`,
    );
    const guest = new URL(postgresUrl()!);
    guest.username = 'guest';
    const config = `datastore:\n  cls: lsst.daf.butler.datastores.fileDatastore.FileDatastore\n  root: ${butler.root}\nregistry:\n  db: ${guest.href}\n  namespace: ${schema}\n`;
    writeFileSync(join(dir, 'guest.yaml'), config);
    process.env['PGPASSWORD'] = secret;
    const reader = await Butler.open(join(dir, 'guest.yaml'));
    expect((await reader.listCollections()).map((one) => one.name)).toEqual(['run']);
    await reader.close();
    await expect(Butler.open(join(dir, 'guest.yaml'), { writeable: true })).rejects.toMatchObject({
      code: 'BUTLER_NO_PRIVILEGE',
    });
    await asAdmin(`GRANT INSERT, DELETE ON ${schema}.dataset TO guest`);
    const hopeful = await Butler.open(join(dir, 'guest.yaml'), { writeable: true });
    await expect(hopeful.registerCollection('x', 'RUN')).rejects.toMatchObject({ code: 'BUTLER_NO_PRIVILEGE' });
    await hopeful.close();
    await butler.close();
  });

  it('enter: wrong or missing passwords are never printed', async () => {
    await asAdmin(`DROP ROLE IF EXISTS friend; CREATE ROLE friend LOGIN PASSWORD '${secret}'`);
    delete process.env['PGPASSWORD'];
    process.env['PGPASSFILE'] = join(dir, 'none');
    process.env['LSST_DB_AUTH'] = join(dir, 'none');
    const missing = await refusal(address('friend'));
    expect(missing.code).toBe('BUTLER_BAD_CREDENTIALS');
    expect(missing.text).toMatch(/wants a password for the user "friend", and there is none/);
    process.env['PGPASSWORD'] = 'not that one';
    const wrong = await refusal(address('friend'));
    expect(wrong.code).toBe('BUTLER_BAD_CREDENTIALS');
    expect(wrong.text).toContain('PGPASSWORD');
    expect(wrong.text).not.toContain('not that one');
    // A file for all to read is not used, and not quoted.
    const auth = join(dir, 'db-auth.yaml');
    const { port } = new URL(server.url);
    writeFileSync(
      auth,
      `- url: postgresql://elsewhere/x\n  username: a\n  password: b\n- url: postgresql://127.0.0.?:${port}/post*\n  username: friend\n  password: "${secret}"\n`,
    );
    process.env['LSST_DB_AUTH'] = auth;
    chmodSync(auth, 0o640);
    const open = await refusal(address('friend'));
    expect(open).toMatchObject({ code: 'BUTLER_CREDENTIALS_FILE', text: expect.stringContaining('640') });
    chmodSync(auth, 0o600);
    expect((await refusal(address('friend'))).code).toBe('BUTLER_NO_REGISTRY');
    writeFileSync(auth, `- url: postgresql://127.0.0.1\n  password: [${secret}`);
    const garbled = await refusal(address('friend'));
    expect(garbled.code).toBe('BUTLER_CREDENTIALS_FILE');
    expect(garbled.text).not.toContain('sesame');
    // The password file of the database's own tools.
    process.env['LSST_DB_AUTH'] = join(dir, 'none');
    delete process.env['PGPASSWORD'];
    process.env['PGPASSFILE'] = join(dir, 'pgpass');
    writeFileSync(
      process.env['PGPASSFILE'],
      `*:1:*:*:no\n127.0.0.1:*:postgres:friend:${secret.replaceAll(':', '\\:')}\n`,
      { mode: 0o600 },
    );
    expect((await refusal(address('friend'))).code).toBe('BUTLER_NO_REGISTRY');
  });

  it('find it: wrong names and ports are told apart, at once', async () => {
    const started = Date.now();
    expect((await refusal(address('postgres', 'nowhere'))).code).toBe('BUTLER_NO_DATABASE');
    expect((await refusal(address('postgres'))).code).toBe('BUTLER_NO_REGISTRY');
    expect((await refusal(address('postgres', 'postgres', 1))).code).toBe('BUTLER_DATABASE_UNREACHABLE');
    expect(Date.now() - started).toBeLessThan(8000);
    await expect(
      Butler.create(join(dir, 'secret'), { database: `postgresql://a:b@127.0.0.1/x` }),
    ).rejects.toMatchObject({ code: 'BUTLER_SECRET_IN_CONFIG' });
    const butler = await newButler();
    await butler.close();
    await expect(
      Butler.create(join(dir, 'second'), { database: postgresUrl()!, namespace: `r${made}` }),
    ).rejects.toMatchObject({ code: 'BUTLER_REGISTRY_EXISTS' });
  });
});
