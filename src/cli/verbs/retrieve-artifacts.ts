// SPDX-License-Identifier: BSD-3-Clause
import { collectionsOption, dryRunOption, limitOption, whereOption } from '../common-options.ts';
import { Progress } from '../progress.ts';
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
    { flags: '-d, --dataset-type <globs>', description: 'dataset types (default: all)', list: true },
    { ...collectionsOption, required: true },
    whereOption,
    { flags: '--find-first', description: 'of each data ID only the first found' },
    limitOption,
    {
      flags: '-t, --transfer <mode>',
      description: 'copy, or link to the files',
      choices: ['copy', 'hardlink', 'symlink'],
      default: 'copy',
    },
    { flags: '--no-preserve-path', description: 'put all files flat into the folder' },
    { flags: '--clobber', description: 'replace files that are there' },
    dryRunOption,
  ],
  examples: [['retrieve-artifacts repo out -d deepCoadd --collections u/me/drp', 'all coadds of a run']],
  exitCodes: { 3: 'some files could not be copied', 4: 'nothing matched' },
  async action({ args, options, out }) {
    const { retrieveArtifacts: retrieve } = await import('../../butler/index.ts');
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const wanted: string[] = options['datasetType'] ?? [];
      // A name without wildcards must exist, so that a typing error is not an empty answer.
      for (const name of wanted) if (!/[*?[]/.test(name)) await butler.getDatasetType(name);
      const types = await butler.listDatasetTypes(options['datasetType']);
      const refs = [];
      for (const type of types) {
        let query = butler.query();
        if (options['where'] !== undefined) query = query.where(options['where']);
        if (options['limit'] !== 0) query = query.limit(options['limit']);
        const found = query.datasets(type.name, {
          collections: options['collections'],
          findFirst: options['findFirst'] === true,
        });
        for await (const ref of found) refs.push(ref);
      }
      const progress = new Progress('copying', out);
      const report = await retrieve(butler, refs, args['destination'] as string, {
        transfer: options['transfer'],
        preservePath: options['preservePath'],
        clobber: options['clobber'] === true,
        dryRun: options['dryRun'] === true,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      for (const failure of report.failed) out.warn(`${failure.path}: ${failure.reason}`);
      out.say(
        `${options['dryRun'] === true ? 'Would copy' : 'Copied'} ${report.files.length} files (${(report.sizeBytes / 1e6).toFixed(1)} MB) to ${args['destination']}.`,
      );
      out.value(report);
      if (report.failed.length > 0) return ExitCode.partial;
      if (report.files.length > 0) return ExitCode.ok;
      out.warn('no dataset matches');
      return ExitCode.nothing;
    });
  },
};
