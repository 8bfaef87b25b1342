// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import { Progress } from '../progress.ts';
import { chosenDatasets, selectionOptions } from '../selection-options.ts';
import { megabytes } from '../sizes.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const exportTransferModes = ['none', 'direct', 'auto', 'copy', 'link', 'hardlink', 'symlink', 'relsymlink'];

export const exportVerb: Verb = {
  name: 'export',
  group: 'Repository',
  summary: 'write datasets with all that another repository needs to take them in',
  details:
    'Writes an export file (YAML) with dimension records, dataset types, runs, collections and datasets, and the files beside it. Read it in with `import`, here or in the Python butler.',
  arguments: [
    ['<repo>', 'repository'],
    ['<directory>', 'folder to write to; made if need be'],
  ],
  options: [
    ...selectionOptions,
    {
      flags: '--save-collections <names>',
      description: 'TAGGED, CALIBRATION and CHAINED collections to write too, with members and validity ranges',
      list: true,
    },
    {
      flags: '-t, --transfer <mode>',
      description:
        'how files come into the folder; direct: their addresses are written, none: their paths in the datastore',
      choices: exportTransferModes,
      default: 'auto',
    },
    { flags: '--export-file <name>', description: 'name of the export file', default: 'export.yaml' },
    { flags: '--clobber', description: 'replace an export and files that are there' },
    dryRunOption,
  ],
  examples: [
    ['export repo out -d deepCoadd --collections u/me/drp', 'all coadds of a run'],
    [
      'export repo out --collections u/me/drp --save-collections u/me/drp -t direct',
      'everything, and the chain; files stay',
    ],
  ],
  exitCodes: { 4: 'nothing matched' },
  async action({ args, options, out }) {
    const { exportDatasets } = await import('../../butler/index.ts');
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const refs = await chosenDatasets(butler, options, out);
      if (refs.length === 0) return ExitCode.nothing;
      const progress = new Progress('exporting files', out);
      const report = await exportDatasets(butler, refs, {
        directory: args['directory'] as string,
        fileName: options['exportFile'],
        transfer: options['transfer'],
        collections: options['saveCollections'],
        overwrite: options['clobber'] === true,
        dryRun: options['dryRun'] === true,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      const does = options['dryRun'] === true ? 'Would export' : 'Exported';
      out.say(
        `${does} ${report.datasets} datasets of ${report.datasetTypes.length} types in ${report.files} files (${megabytes(report.sizeBytes)}) to ${report.file}.`,
      );
      out.value(report);
      return ExitCode.ok;
    });
  },
};
