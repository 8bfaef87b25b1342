// SPDX-License-Identifier: BSD-3-Clause
import { ExitCode, type Verb } from '../verb.ts';

export const configValidate: Verb = {
  name: 'config-validate',
  group: 'Repository',
  summary: 'check file templates and formatters against the dataset types of a repository',
  arguments: [['<repo>', 'repository']],
  options: [
    { flags: '-q, --quiet', description: 'do not list the problems one by one' },
    { flags: '-d, --dataset-type <names>', description: 'only these dataset types', list: true },
    { flags: '-i, --ignore <names>', description: 'not these dataset types', list: true },
  ],
  examples: [['config-validate repo', 'everything']],
  exitCodes: { 2: 'the configuration has problems' },
  async action({ args, options, out }) {
    const { Butler, validateConfig } = await import('../../butler/index.ts');
    const butler = await Butler.open(args['repo'] as string);
    try {
      const { checked, problems, notes } = await validateConfig(butler, {
        datasetTypes: options['datasetType'],
        ignore: options['ignore'],
      });
      if (!out.json) {
        if (options['quiet'] !== true) for (const { where, problem } of notes) out.say(`${where}: ${problem}.`);
        if (options['quiet'] !== true && problems.length > 0) {
          out.rows(
            ['where', 'problem'],
            problems.map(({ where, problem }) => [where, problem]),
          );
        }
        out.say(
          problems.length === 0
            ? `No problem found with ${checked.length} dataset types.`
            : `Problems found: ${problems.length}.`,
        );
      }
      out.value({ checked, problems, notes });
      return problems.length === 0 ? ExitCode.ok : ExitCode.badInput;
    } finally {
      await butler.close();
    }
  },
};
