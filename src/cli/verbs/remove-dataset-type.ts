// SPDX-License-Identifier: BSD-3-Clause

import { dryRunOption } from '../common-options.ts';
import { confirmed, noConfirmOption } from '../confirm.ts';
import { isGlob } from '../select-datasets.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const removeDatasetType: Verb = {
  name: 'remove-dataset-type',
  group: 'Repository',
  summary: 'forget dataset types that have no datasets',
  arguments: [
    ['<repo>', 'repository'],
    ['<types...>', 'names or globs'],
  ],
  options: [noConfirmOption, dryRunOption],
  examples: [
    ['remove-dataset-type repo myTest', 'asks first'],
    ["remove-dataset-type repo 'test_*' --no-confirm", 'all that match'],
  ],
  exitCodes: { 4: 'no dataset type matched' },
  async action({ args, options, out }) {
    const dryRun = options['dryRun'] === true;
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const wanted = args['types'] as string[];
      for (const name of wanted) if (!isGlob(name)) await butler.getDatasetType(name);
      const types = await butler.listDatasetTypes(wanted);
      if (!out.json && types.length > 0) {
        out.rows(
          ['name', 'dimensions', 'storage class'],
          types.map((type) => [type.name, type.dimensions.required.join(', '), type.storageClass]),
        );
      }
      const names = types.map((type) => type.name);
      if (names.length === 0) out.warn('no dataset type matches');
      else if (!dryRun) {
        if (!(await confirmed(`Remove these ${names.length} dataset types?`, options, out))) return ExitCode.ok;
        await butler.removeDatasetTypes(names);
        out.say(`Removed ${names.length} dataset types.`);
      }
      out.value({ datasetTypes: names, dryRun });
      return names.length === 0 ? ExitCode.nothing : ExitCode.ok;
    });
  },
};
