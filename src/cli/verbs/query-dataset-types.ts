// SPDX-License-Identifier: BSD-3-Clause
import { collectionsOption } from '../common-options.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';
import { globs } from './query-collections.ts';

export const queryDatasetTypes: Verb = {
  name: 'query-dataset-types',
  group: 'Query',
  summary: 'list dataset types with their dimensions and storage class',
  arguments: [
    ['<repo>', 'repository'],
    ['[glob...]', 'names or globs (default: all)'],
  ],
  options: [
    { flags: '-v, --verbose', description: 'with dimensions and storage class' },
    { ...collectionsOption, description: 'only types of which these collections (names or globs) may have datasets' },
  ],
  examples: [
    ["query-dataset-types repo 'deepCoadd*' -v", 'coadd products'],
    ['query-dataset-types repo --collections u/me/drp', 'what a production wrote'],
  ],
  exitCodes: { 4: 'nothing matched' },
  async action({ args, options, out }) {
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const collections = options['collections'] as string[] | undefined;
      const held = collections === undefined ? undefined : new Set(await butler.query().datasetTypes(collections));
      const all = await butler.listDatasetTypes(globs(args['glob']));
      const found = held === undefined ? all : all.filter(({ name }) => held.has(name));
      if (found.length === 0 && !out.json) out.warn('no dataset type matches');
      else if (options['verbose'] === true || out.json) {
        out.rows(
          ['name', 'dimensions', 'storage class', 'calibration'],
          found.map((t) => [t.name, t.dimensions.required.join(', '), t.storageClass, t.isCalibration]),
        );
      } else out.say(found.map((t) => t.name).join('\n'));
      return found.length === 0 ? ExitCode.nothing : ExitCode.ok;
    });
  },
};
