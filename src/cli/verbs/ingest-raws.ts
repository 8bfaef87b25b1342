// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption, jobsOption, onConflictOption, transferOption } from '../common-options.ts';
import { expandPaths } from '../paths.ts';
import { Progress } from '../progress.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const ingestRaws: Verb = {
  name: 'ingest-raws',
  group: 'Ingest',
  summary: 'bring raw files in: read their headers, register exposures and files',
  details:
    'Files that cannot be understood are left out and listed with the reason; the rest goes in. The same command again with --skip-existing adds what is new. Where a folder has an _index.json, or a file a sidecar .json beside it, that is read instead of the headers.',
  arguments: [
    ['<repo>', 'repository'],
    ['<locations...>', 'files, folders (searched for FITS files), globs, or @list: a file with one of these a line'],
  ],
  options: [
    { ...transferOption, default: 'copy' },
    { flags: '--output-run <run>', description: 'RUN collection (default: <instrument>/raw/all)' },
    { flags: '--regex <pattern>', description: 'which files of folders to take (default: FITS files)', parse: pattern },
    onConflictOption,
    { flags: '--skip-existing', description: 'leave alone what is there already; as --on-conflict skip' },
    { flags: '--update-records', description: 'change exposures that are there with other values' },
    { flags: '--no-track-file-attrs', description: 'do not keep the sizes of files in their records' },
    {
      flags: '--fail-fast',
      description: 'stop at the first file that cannot be understood, before anything is written',
    },
    jobsOption,
    { flags: '--processes <n>', description: 'as --jobs', parse: jobsOption.parse! },
    dryRunOption,
  ],
  examples: [
    ['ingest-raws repo /data/night1 -t link', 'link every raw file of a folder into the repository'],
    ["ingest-raws repo 'raw/*.fits' --skip-existing", 'add only what is not there yet'],
    [
      'ingest-raws repo @tonight.txt -t direct --fail-fast',
      'the files of a list, left where they are; all of them or none',
    ],
    ['ingest-raws repo raw --dry-run', 'only read the headers and say what would happen'],
  ],
  exitCodes: { 3: 'some files were left out' },
  async action({ args, options, out }) {
    const { ingestRaws: ingest } = await import('../../instruments/index.ts');
    const paths = await expandPaths(args['locations'] as string[], options['regex']);
    return withButler(args['repo'] as string, { writeable: options['dryRun'] !== true }, async (butler) => {
      const headers = new Progress('reading headers', out);
      const files = new Progress('ingesting files', out);
      const report = await ingest(butler, paths, {
        run: options['outputRun'],
        transfer: options['transfer'],
        onConflict: options['skipExisting'] === true ? 'skip' : options['onConflict'],
        updateRecords: options['updateRecords'] === true,
        trackFileAttributes: options['trackFileAttrs'] !== false,
        failFast: options['failFast'] === true,
        jobs: options['jobs'] ?? options['processes'],
        dryRun: options['dryRun'] === true,
        onProgress: (stage, done, total) => (stage === 'headers' ? headers : files).update(done, total),
      });
      headers.end();
      files.end();
      for (const { error } of report.failed) out.error(error, false);
      const verb = options['dryRun'] === true ? 'Would ingest' : 'Ingested';
      const count =
        options['dryRun'] === true ? report.files - report.failed.length - report.skipped.length : report.ingested;
      out.say(
        `${verb} ${count} of ${report.files} files (${report.exposures} exposures) into ${report.runs.join(', ') || options['outputRun'] || '<instrument>/raw/all'}; ${report.skipped.length} there already, ${report.failed.length} left out.`,
      );
      out.value(report);
      return report.failed.length > 0 ? ExitCode.partial : ExitCode.ok;
    });
  },
};

function pattern(text: string): RegExp {
  return new RegExp(text);
}
