// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileSystemOf } from '../../base/index.ts';
import type { Butler as ButlerType } from '../../butler/index.ts';
import { dryRunOption, transferModes } from '../common-options.ts';
import { Progress } from '../progress.ts';
import { megabytes } from '../sizes.ts';
import { ExitCode, type Verb } from '../verb.ts';

export const importVerb: Verb = {
  name: 'import',
  group: 'Repository',
  summary: 'bring an export into a repository',
  details:
    'All of it comes, or nothing: the export is checked before the first file is moved. Datasets that are here already stay as they are, so the same import can be repeated. The repository is made if it does not exist.',
  arguments: [
    ['<repo>', 'repository; made if it does not exist'],
    ['<directory>', 'folder of the dataset files, which the paths in the export are relative to'],
  ],
  options: [
    {
      flags: '-t, --transfer <mode>',
      description: 'how files come into the repository; none: they are in the datastore already',
      choices: [...transferModes, 'none'],
      default: 'auto',
    },
    {
      flags: '--export-file <file>',
      description: 'the export; sought here, then in the folder (default: export.yaml in the folder)',
    },
    { flags: '-s, --skip-dimensions <names>', description: 'elements whose records are left out', list: true },
    { flags: '--no-track-file-attrs', description: 'keep no sizes and checksums of the files' },
    {
      flags: '--build-in <folder>',
      description:
        'a new repository: its database is built in this folder of a fast local disk and then moved into place (done in the folder of temporary files where the repository is on a shared file system)',
    },
    dryRunOption,
  ],
  examples: [
    ['import repo /data/export', 'everything of an export, files copied'],
    ['import repo /data/export -t hardlink --dry-run', 'only check, and say what would come'],
  ],
  async action({ args, options, out }) {
    const { Butler, buildRepository, importRepository, repositoryExists } = await import('../../butler/index.ts');
    const dryRun = options['dryRun'] === true;
    const root = args['repo'] as string;
    const bring = async (butler: ButlerType): Promise<number> => {
      const progress = new Progress('bringing files in', out);
      const report = await importRepository(butler, {
        directory: args['directory'] as string,
        exportFile: options['exportFile'],
        transfer: options['transfer'],
        skipDimensions: options['skipDimensions'],
        trackFileAttributes: options['trackFileAttrs'],
        dryRun,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      const does = dryRun ? 'Would import' : 'Imported';
      out.say(
        `${does} ${report.datasets} datasets in ${report.files} files (${megabytes(report.sizeBytes)}) and ${report.records} dimension records; ${report.present} datasets are here already.`,
      );
      out.value(report);
      return ExitCode.ok;
    };
    const isNew = !repositoryExists(root);
    const scratch = options['buildIn'] as string | undefined;
    if (isNew && !dryRun && (scratch !== undefined || !isOnLocalDisk(root)))
      return buildRepository(root, bring, scratch === undefined ? {} : { scratch });
    // What would come into a new repository is tried on one that is thrown away.
    const trial = isNew && dryRun ? await mkdtemp(join(tmpdir(), 'skymill-import-')) : undefined;
    const butler = isNew ? await Butler.create(trial ?? root) : await Butler.open(root, { writeable: true });
    try {
      return await bring(butler);
    } finally {
      await butler.close();
      if (trial !== undefined) await rm(trial, { recursive: true, force: true });
    }
  },
};

/** Of a folder that may not be there yet. */
function isOnLocalDisk(folder: string): boolean {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  return fileSystemOf(existing).local;
}
