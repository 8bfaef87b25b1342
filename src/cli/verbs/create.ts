// SPDX-License-Identifier: BSD-3-Clause
import { cliErrors } from '../errors.ts';
import type { Verb } from '../verb.ts';

export const create: Verb = {
  name: 'create',
  group: 'Repository',
  summary: 'make a new, empty data repository',
  details: [
    'The repository is a Gen3 Butler repository: files and butler.yaml in the folder, and the registry in an SQLite file there or,',
    'with --database, in a schema of a PostgreSQL or MariaDB server. Passwords come from ~/.lsst/db-auth.yaml (or the file of',
    'LSST_DB_AUTH), PGPASSWORD or ~/.pgpass, MYSQL_PWD or ~/.my.cnf; a URL with a password is refused, for butler.yaml is there for all to read.',
  ].join('\n'),
  arguments: [['<repo>', 'folder to make; it may exist, but empty']],
  options: [
    {
      flags: '--database <url>',
      description: 'postgresql:// or mariadb://[USER@]HOST[:PORT]/NAME (default: an SQLite file in the folder)',
    },
    {
      flags: '--namespace <name>',
      description: 'schema for the tables on the server; it is made if need be (default: that of the user)',
    },
    {
      flags: '--seed-config <file>',
      description: 'YAML file with settings for butler.yaml: templates, formatters, composites, registry, …',
    },
    { flags: '--override', description: 'keep also the places of files and registry that the seed names' },
    {
      flags: '--dimension-config <file>',
      description: 'YAML file that describes the dimensions (default: universe daf_butler 8)',
    },
  ],
  examples: [
    ['create /data/repo', 'a repository with a SQLite registry'],
    [
      'create /data/dr1 --database postgresql://butler@db.example.org/main --namespace dr1',
      'one on a PostgreSQL server',
    ],
    ['create /data/repo --seed-config site.yaml', 'with file templates of the site'],
  ],
  async action({ args, options, out }) {
    const { Butler, universeFromFile } = await import('../../butler/index.ts');
    const { database, namespace, seedConfig, override, dimensionConfig } = options as Record<string, string>;
    if (override !== undefined && seedConfig === undefined)
      throw cliErrors.OPTIONS({ problem: '--override says how --seed-config is used, and none is given' });
    const universe = dimensionConfig === undefined ? undefined : await universeFromFile(dimensionConfig);
    const butler = await Butler.create(args['repo'] as string, {
      database,
      namespace,
      seedConfig,
      override: override !== undefined,
      universe,
    });
    out.say(`Made repository ${butler.root} (dimension universe ${butler.universe.version}).`);
    out.say('Next: skymill register-instrument, then ingest-raws.');
    out.value({ root: butler.root, id: butler.repositoryId, universe: butler.universe.version });
    await butler.close();
    return 0;
  },
};
