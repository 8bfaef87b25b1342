// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import type { Cell } from '../output.ts';
import { Progress } from '../progress.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';
import { exportTransferModes } from './export.ts';

export const exportCalibs: Verb = {
  name: 'export-calibs',
  group: 'Repository',
  summary: 'write calibrations with their validity ranges, to import elsewhere',
  details: 'The folder may not exist yet. Chains are followed to the CALIBRATION collections in them, and written too.',
  arguments: [
    ['<repo>', 'repository'],
    ['<directory>', 'folder to make'],
    ['[collections...]', 'CALIBRATION or CHAINED collections, names or globs (default: all)'],
  ],
  options: [
    { flags: '-d, --dataset-type <globs>', description: 'dataset types, names or globs (default: all)', list: true },
    {
      flags: '-t, --transfer <mode>',
      description:
        'how files come into the folder; direct: their addresses are written, none: their paths in the datastore',
      choices: exportTransferModes,
      default: 'auto',
    },
    dryRunOption,
  ],
  examples: [['export-calibs repo calibs HSC/calib', 'all calibrations that a chain leads to']],
  exitCodes: { 4: 'there are no calibrations' },
  async action({ args, options, out }) {
    const { exportCalibrations } = await import('../../butler/index.ts');
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const progress = new Progress('exporting files', out);
      const { refs, ...report } = await exportCalibrations(butler, {
        directory: args['directory'] as string,
        collections: args['collections'] as string[],
        datasetTypes: options['datasetType'],
        transfer: options['transfer'],
        dryRun: options['dryRun'] === true,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      const names = [...new Set(refs.flatMap((ref) => ref.datasetType.dimensions.required))].sort();
      const rows = refs.map((ref): Cell[] => {
        const dataId = ref.dataId.toDataId();
        return [ref.datasetType.name, ref.run, ...names.map((name) => dataId[name] ?? '')];
      });
      const header = ['calibrationType', 'run', ...names];
      if (!out.json && rows.length > 0) out.rows(header, rows);
      out.value({ ...report, calibrations: rows.map((row) => Object.fromEntries(header.map((h, i) => [h, row[i]]))) });
      if (refs.length > 0) return ExitCode.ok;
      out.warn('there are no calibrations in these collections');
      return ExitCode.nothing;
    });
  },
};
