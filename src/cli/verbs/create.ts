// SPDX-License-Identifier: BSD-3-Clause
import type { Verb } from '../verb.ts';

export const create: Verb = {
  name: 'create',
  group: 'Repository',
  summary: 'make a new, empty data repository',
  details: 'The repository is a Gen3 Butler repository: SQLite registry and files under one folder.',
  arguments: [['<repo>', 'folder to make; it may exist, but empty']],
  examples: [['create /data/repo', 'a repository with a SQLite registry']],
  async action({ args, out }) {
    const { Butler } = await import('../../butler/index.ts');
    const butler = await Butler.create(args['repo'] as string);
    out.say(`Made repository ${butler.root} (dimension universe ${butler.universe.version}).`);
    out.say('Next: skymill register-instrument, then ingest-raws.');
    out.value({ root: butler.root, id: butler.repositoryId, universe: butler.universe.version });
    await butler.close();
    return 0;
  },
};
