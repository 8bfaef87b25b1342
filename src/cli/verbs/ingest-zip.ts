// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption, transferModes } from '../common-options.ts';
import { megabytes } from '../sizes.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const ingestZipVerb: Verb = {
  name: 'ingest-zip',
  group: 'Ingest',
  summary: 'bring an archive of datasets in, as it is',
  details:
    'The archive is one that `retrieve-artifacts --zip` wrote, here or in the Python butler. It goes into the datastore whole, and its datasets are read from it in place. Dataset types must be registered; runs are made.',
  arguments: [
    ['<repo>', 'repository'],
    ['<zip>', 'the archive'],
  ],
  options: [
    {
      flags: '-t, --transfer <mode>',
      description: 'how the archive comes into the repository',
      choices: [...transferModes],
      default: 'auto',
    },
    { flags: '--transfer-dimensions', description: 'insert dimension records of the archive that are not here' },
    { flags: '--no-transfer-dimensions', description: 'dimension records are here already (the default)' },
    { flags: '--skip-existing', description: 'pass over an archive whose datasets are all here already' },
    dryRunOption,
  ],
  examples: [['ingest-zip repo 7d3e….zip -t move --transfer-dimensions', 'an archive with all it needs']],
  async action({ args, options, out }) {
    const { ingestZip } = await import('../../butler/index.ts');
    const dryRun = options['dryRun'] === true;
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const report = await ingestZip(butler, args['zip'] as string, {
        transfer: options['transfer'],
        transferDimensions: options['transferDimensions'] === true,
        skipExisting: options['skipExisting'] === true,
        dryRun,
      });
      const does = dryRun ? 'Would ingest' : 'Ingested';
      if (report.skipped) out.say('All datasets of the archive are here already.');
      else
        out.say(
          `${does} ${report.datasets} datasets in ${report.files} members (${megabytes(report.sizeBytes)}) as ${report.path}.`,
        );
      out.value(report);
      return ExitCode.ok;
    });
  },
};
