// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption, onConflictOption, transferModes } from '../common-options.ts';
import { cliErrors } from '../errors.ts';
import { Progress } from '../progress.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const ingestFilesVerb: Verb = {
  name: 'ingest-files',
  group: 'Ingest',
  summary: 'bring the files of a table in, with the data IDs that stand beside them',
  details:
    'The first column of the table is the file, the others are dimensions; a file in several rows holds several datasets. CSV, ECSV, JSON, or columns separated by tabs, semicolons, bars or blanks. Dimension records must be there; raw exposures come by ingest-raws.',
  arguments: [
    ['<repo>', 'repository'],
    ['<dataset_type>', 'dataset type of the files; must exist'],
    ['<run>', 'RUN collection; made if need be'],
    ['<table_file>', 'the table'],
  ],
  options: [
    { flags: '--formatter <name>', description: 'formatter of the files (default: that of the dataset type)' },
    {
      flags: '--id-generation-mode <mode>',
      description: 'how dataset ids are made; the last two give the same id for the same data ID everywhere',
      choices: ['UNIQUE', 'DATAID_TYPE', 'DATAID_TYPE_RUN', 'unique', 'dataid_type', 'dataid_type_run'],
      default: 'UNIQUE',
    },
    {
      flags: '--data-id <key=value>',
      description: 'values that all files share; they go before those of the table',
      list: true,
    },
    { flags: '--prefix <folder>', description: 'folder of relative paths in the table (default: here)' },
    { flags: '--no-track-file-attrs', description: 'keep no sizes and checksums of the files' },
    {
      flags: '-t, --transfer <mode>',
      description: 'how files come into the repository',
      choices: [...transferModes],
      default: 'auto',
    },
    onConflictOption,
    dryRunOption,
  ],
  examples: [
    [
      'ingest-files repo bfKernel HSC/calib/bf files.csv --data-id instrument=HSC',
      'a column of files, one of detectors',
    ],
    ['ingest-files repo bfKernel HSC/calib/bf files.ecsv --prefix /data -t direct', 'files stay where they are'],
  ],
  exitCodes: { 3: 'some were there already' },
  async action({ args, options, out }) {
    const { ingestTable } = await import('../../butler/index.ts');
    const dryRun = options['dryRun'] === true;
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const progress = new Progress('ingesting files', out);
      const report = await ingestTable(butler, {
        datasetType: args['dataset_type'] as string,
        run: args['run'] as string,
        tableFile: args['table_file'] as string,
        dataId: keyValues(options['dataId'] ?? []),
        prefix: options['prefix'],
        formatter: options['formatter'],
        idMode: options['idGenerationMode'].toUpperCase(),
        transfer: options['transfer'],
        trackFileAttributes: options['trackFileAttrs'],
        onConflict: options['onConflict'],
        dryRun,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      for (const { path, reason } of report.skipped) out.warn(`${path}: ${reason}`);
      if (dryRun) out.say(`Would ingest ${report.datasets} datasets from ${report.files} files.`);
      else out.say(`Ingested ${report.ingested.length} datasets from ${report.files - report.skipped.length} files.`);
      out.value({ ...report, ingested: report.ingested.map((ref) => ref.id) });
      return report.skipped.length > 0 ? ExitCode.partial : ExitCode.ok;
    });
  },
};

function keyValues(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const match = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(text);
      if (match === null) throw cliErrors.OPTIONS({ problem: `--data-id takes KEY=VALUE, not "${text}"` });
      return [match[1], match[2]];
    }),
  );
}
