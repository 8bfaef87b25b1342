// SPDX-License-Identifier: BSD-3-Clause
import type { DatasetRef } from '../../butler/index.ts';
import { collectionsOption, dryRunOption, whereOption, wholeNumber } from '../common-options.ts';
import { Progress } from '../progress.ts';
import { selectDatasets } from '../select-datasets.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

/** Datasets in one step: few statements, little memory. */
const batchSize = 10_000;

export const associate: Verb = {
  name: 'associate',
  group: 'Repository',
  summary: 'put datasets into a TAGGED collection',
  details:
    'A dataset takes the place of another of its type with the same data ID. All of them go in, or (after an error) none.',
  arguments: [
    ['<repo>', 'repository'],
    ['<collection>', 'TAGGED collection; made if need be'],
  ],
  options: [
    { flags: '-d, --dataset-type <globs>', description: 'dataset types (default: all)', list: true },
    { ...collectionsOption, description: 'collections to search, names or globs (default: all)' },
    whereOption,
    { flags: '--find-first', description: 'of each data ID only the first found in the order of the collections' },
    { flags: '--no-find-first', description: 'all that are found (the default)' },
    { flags: '--limit <n>', description: 'stop after n datasets; 0 is no limit', default: 0, parse: wholeNumber },
    dryRunOption,
  ],
  examples: [
    ['associate repo good/science -d calexp --collections u/me/drp --where "visit.exposure_time > 30"', 'a selection'],
  ],
  exitCodes: { 4: 'nothing matched' },
  async action({ args, options, out }) {
    const dryRun = options['dryRun'] === true;
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const tagged = args['collection'] as string;
      const [present] = await butler.listCollections([tagged]);
      if (present !== undefined && present.type !== 'TAGGED') await butler.registerCollection(tagged, 'TAGGED');
      const counts: Record<string, number> = {};
      const progress = new Progress('associating', out);
      const associateAll = async (): Promise<number> => {
        let total = 0;
        let batch: DatasetRef[] = [];
        const flush = async (): Promise<void> => {
          if (batch.length === 0) return;
          if (total === 0 && !dryRun) await butler.registerCollection(tagged, 'TAGGED');
          if (!dryRun) await butler.associate(tagged, batch);
          total += batch.length;
          progress.update(total, total);
          batch = [];
        };
        const selected = selectDatasets(butler, {
          datasetTypes: options['datasetType'],
          collections: options['collections'],
          where: options['where'],
          findFirst: options['findFirst'] === true,
          limit: options['limit'],
        });
        for await (const ref of selected) {
          counts[ref.datasetType.name] = (counts[ref.datasetType.name] ?? 0) + 1;
          batch.push(ref);
          if (batch.length >= batchSize) await flush();
        }
        await flush();
        return total;
      };
      const total = dryRun ? await associateAll() : await butler.transaction(associateAll);
      progress.end();
      if (total === 0) out.warn('no dataset matches');
      else if (!out.json) out.rows(['dataset type', 'datasets'], Object.entries(counts));
      if (total > 0) out.say(`${dryRun ? 'Would put' : 'Put'} ${total} datasets into ${tagged}.`);
      out.value({ collection: tagged, datasets: counts, total, dryRun });
      return total === 0 ? ExitCode.nothing : ExitCode.ok;
    });
  },
};
