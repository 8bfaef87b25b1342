// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import { Progress } from '../progress.ts';
import { chosenDatasets, selectionOptions } from '../selection-options.ts';
import { megabytes } from '../sizes.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const retrieveArtifacts: Verb = {
  name: 'retrieve-artifacts',
  group: 'Query',
  summary: 'copy the files of datasets out of the repository',
  arguments: [
    ['<repo>', 'repository'],
    ['<destination>', 'folder; made if need be'],
  ],
  options: [
    ...selectionOptions,
    {
      flags: '-t, --transfer <mode>',
      description: 'copy, or link to the files; auto copies',
      choices: ['auto', 'copy', 'link', 'hardlink', 'symlink', 'relsymlink'],
      default: 'auto',
    },
    { flags: '--preserve-path', description: 'keep the folders of the repository (the default)' },
    { flags: '--no-preserve-path', description: 'put all files flat into the folder' },
    { flags: '--clobber', description: 'replace files that are there' },
    { flags: '--no-clobber', description: 'leave files that are there (the default)' },
    { flags: '--zip', description: 'write one zip archive with an index, for ingest-zip' },
    { flags: '-v, --verbose', description: 'list where each file went' },
    dryRunOption,
  ],
  examples: [
    ['retrieve-artifacts repo out -d deepCoadd --collections u/me/drp', 'all coadds of a run'],
    [
      'retrieve-artifacts repo out -d deepCoadd --collections u/me/drp --zip',
      'as one archive that repositories take in',
    ],
  ],
  exitCodes: { 3: 'some files could not be copied', 4: 'nothing matched' },
  async action({ args, options, out }) {
    const { retrieveArtifacts: retrieve, retrieveZip } = await import('../../butler/index.ts');
    const destination = args['destination'] as string;
    const dryRun = options['dryRun'] === true;
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const refs = await chosenDatasets(butler, options, out);
      if (refs.length === 0) return ExitCode.nothing;
      const overwrite = options['clobber'] === true;
      if (options['zip'] === true) {
        const progress = new Progress('writing bytes', out);
        const onProgress = (done: number, total: number): void => progress.update(done, total);
        const report = await retrieveZip(butler, refs, { destination, overwrite, dryRun, onProgress });
        progress.end();
        const does = dryRun ? 'Would write' : 'Wrote';
        out.say(
          `${does} ${report.files} files (${megabytes(report.sizeBytes)}) of ${report.datasets} datasets to ${report.path}.`,
        );
        out.value(report);
        return ExitCode.ok;
      }
      const progress = new Progress('copying', out);
      const report = await retrieve(butler, refs, destination, {
        transfer: options['transfer'],
        preservePath: options['preservePath'] !== false,
        clobber: overwrite,
        dryRun,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      for (const failure of report.failed) out.warn(`${failure.path}: ${failure.reason}`);
      if (options['verbose'] === true) for (const { path } of report.files) out.say(path);
      const does = dryRun ? 'Would copy' : 'Copied';
      out.say(`${does} ${report.files.length} files (${megabytes(report.sizeBytes)}) to ${destination}.`);
      out.value(report);
      return report.failed.length > 0 ? ExitCode.partial : ExitCode.ok;
    });
  },
};
