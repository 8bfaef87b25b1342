// SPDX-License-Identifier: BSD-3-Clause
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
  ],
  examples: [
    ['create /data/repo', 'a repository with a SQLite registry'],
    [
      'create /data/dr1 --database postgresql://butler@db.example.org/main --namespace dr1',
      'one on a PostgreSQL server',
    ],
  ],
  async action({ args, options, out }) {
    const { Butler } = await import('../../butler/index.ts');
    const { database, namespace } = options as { database?: string; namespace?: string };
    const butler = await Butler.create(args['repo'] as string, {
      ...(database === undefined ? {} : { database }),
      ...(namespace === undefined ? {} : { namespace }),
    });
    out.say(`Made repository ${butler.root} (dimension universe ${butler.universe.version}).`);
    out.say('Next: skymill register-instrument, then ingest-raws.');
    out.value({ root: butler.root, id: butler.repositoryId, universe: butler.universe.version });
    await butler.close();
    return 0;
  },
};
