// SPDX-License-Identifier: BSD-3-Clause
import { writeFileSync } from 'node:fs';
import type { Verb } from '../verb.ts';

export const configDump: Verb = {
  name: 'config-dump',
  group: 'Repository',
  summary: 'print the configuration of a repository with its defaults, without passwords',
  arguments: [['<repo>', 'repository, or its butler.yaml']],
  options: [
    {
      flags: '-s, --subset <key>',
      description: 'only this part, e.g. .datastore.root (the first character is what separates the names)',
    },
    { flags: '--file <path>', description: 'write it to a file instead' },
  ],
  examples: [
    ['config-dump repo', 'all of it, as YAML'],
    ['config-dump repo --subset .datastore.templates', 'where files go'],
  ],
  async action({ args, options, out }) {
    const { dumpConfig, subsetOf } = await import('../../butler/index.ts');
    const { stringify } = await import('yaml');
    const config = dumpConfig(args['repo'] as string);
    const part = options['subset'] === undefined ? config : subsetOf(config, options['subset']);
    const text = out.json ? `${JSON.stringify(part, null, 2)}\n` : stringify(part);
    if (options['file'] === undefined) process.stdout.write(text);
    else writeFileSync(options['file'], text);
    return 0;
  },
};
