// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption, transferModes } from '../common-options.ts';
import { Progress } from '../progress.ts';
import { chosenDatasets, selectionOptions } from '../selection-options.ts';
import { megabytes } from '../sizes.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const transferDatasetsVerb: Verb = {
  name: 'transfer-datasets',
  group: 'Repository',
  summary: 'bring datasets from one repository to another',
  details:
    'Datasets keep their ids, runs and paths. What is there already stays; an interrupted transfer that is repeated goes on where it stopped.',
  arguments: [
    ['<source>', 'repository with the datasets'],
    ['<dest>', 'repository that gets them'],
  ],
  options: [
    ...selectionOptions,
    {
      flags: '-t, --transfer <mode>',
      description: 'how files come; auto copies, and leaves files from outside of the source where they are',
      choices: transferModes.filter((mode) => mode !== 'move'),
      default: 'auto',
    },
    { flags: '--register-dataset-types', description: 'make dataset types that are not there' },
    { flags: '--no-transfer-dimensions', description: 'leave dimension records out: they are there already' },
    { flags: '--no-skip-missing', description: 'a dataset without a file is an error, not left out' },
    {
      flags: '--save-collections <names>',
      description: 'TAGGED, CALIBRATION and CHAINED collections to bring too, with members and validity ranges',
      list: true,
    },
    dryRunOption,
  ],
  examples: [
    ['transfer-datasets repo /data/public -d deepCoadd --collections u/me/drp --register-dataset-types', 'all coadds'],
    [
      'transfer-datasets main scratch --collections HSC/calib --save-collections HSC/calib --dry-run',
      'what would come',
    ],
  ],
  exitCodes: { 3: 'datasets without files were left out', 4: 'nothing matched' },
  async action({ args, options, out }) {
    const { transferDatasets } = await import('../../butler/index.ts');
    const dryRun = options['dryRun'] === true;
    return withButler(args['source'] as string, { writeable: false }, (source) =>
      withButler(args['dest'] as string, { writeable: !dryRun }, async (destination) => {
        const refs = await chosenDatasets(source, options, out);
        if (refs.length === 0) return ExitCode.nothing;
        const progress = new Progress('transferring datasets', out);
        const report = await transferDatasets(source, destination, refs, {
          transfer: options['transfer'],
          registerDatasetTypes: options['registerDatasetTypes'] === true,
          transferDimensions: options['transferDimensions'],
          skipMissing: options['skipMissing'],
          collections: options['saveCollections'],
          dryRun,
          onProgress: (done, total) => progress.update(done, total),
        });
        progress.end();
        for (const one of report.missing.slice(0, 10)) out.warn(`${one.dataset} (${one.id}): ${one.reason}`);
        if (report.missing.length > 10) out.warn(`… and ${report.missing.length - 10} more without files`);
        const does = dryRun ? 'Would transfer' : 'Transferred';
        out.say(
          `${does} ${report.transferred} datasets in ${report.files} files (${megabytes(report.sizeBytes)}); ${report.present} are there already, ${report.missing.length} left out.`,
        );
        out.value(report);
        return report.missing.length > 0 ? ExitCode.partial : ExitCode.ok;
      }),
    );
  },
};
