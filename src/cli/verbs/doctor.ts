// SPDX-License-Identifier: BSD-3-Clause
import type { DoctorOptions, DoctorReport, KindReport } from '../../butler/index.ts';
import { wholeNumber } from '../common-options.ts';
import { confirmed, noConfirmOption } from '../confirm.ts';
import type { Output } from '../output.ts';
import { Progress } from '../progress.ts';
import { ExitCode, type Verb } from '../verb.ts';

export const doctor: Verb = {
  name: 'doctor',
  group: 'Repository',
  summary: 'find what is wrong with a repository, and repair it with --fix',
  details:
    'Holds files against records both ways, and looks for chains with missing members or circles, entries of absent datasets, incomplete summaries, interrupted removals, stale locks and unfinished files. --fix shows what it found, then asks. No file that has a record is deleted, and files without one are moved into a dated folder unless --delete is given.',
  arguments: [['<repo>', 'repository']],
  options: [
    { flags: '--checksums', description: 'compare checksums too: reads every file' },
    { flags: '--fix', description: 'repair what is found' },
    { flags: '--only <kinds>', description: 'look only for these kinds (names as in a report)', list: true },
    {
      flags: '--damaged <what>',
      description:
        'files of wrong size or checksum: quarantine moves them aside and unstores their datasets; accept records them as they are',
      choices: ['leave', 'quarantine', 'accept'],
      default: 'leave',
    },
    { flags: '--delete', description: 'delete files without a record rather than move them aside' },
    {
      flags: '--min-age <seconds>',
      description: 'leave files and scratch alone that changed later than this: a writer may be at work',
      default: 3600,
      parse: wholeNumber,
    },
    { flags: '--force', description: 'go on although most files are missing' },
    { flags: '--examples <n>', description: 'how many of each kind to show', default: 5, parse: wholeNumber },
    noConfirmOption,
  ],
  examples: [
    ['doctor repo', 'look, change nothing'],
    ['doctor repo --checksums --json', 'read every file; for programs'],
    ['doctor repo --fix', 'look, ask, repair'],
  ],
  exitCodes: { 3: 'something is wrong (and is not repaired)' },
  async action({ args, options, out }) {
    const { Butler, examineRepository, repairRepository, leftJournal } = await import('../../butler/index.ts');
    const { productionsUnderway, runFolderCheck } = await import('../../run/index.ts');
    const journal = leftJournal(args['repo'] as string);
    const butler = await Butler.open(args['repo'] as string, { writeable: options['fix'] === true });
    try {
      const look: DoctorOptions = {
        checksums: options['checksums'] === true,
        only: options['only'],
        minAgeSeconds: options['minAge'],
        examples: options['examples'],
        extraChecks: [runFolderCheck],
        underway: await productionsUnderway(butler),
      };
      const found = await watched(out, 'examining', (onProgress) => examineRepository(butler, { ...look, onProgress }));
      if (journal !== undefined && !out.json) {
        out.say(
          `A writer of the database was interrupted; opening it has rolled back its last transaction (${journal.path}).`,
        );
      }
      sayFound(out, found, options['fix'] === true);
      if (options['fix'] !== true || repairable(found, options['damaged']) === 0) {
        out.value({ ...found, journal });
        return found.sound ? ExitCode.ok : ExitCode.partial;
      }
      const question = `Repair ${repairable(found, options['damaged'])} findings?`;
      if (!(await confirmed(question, options, out))) return found.sound ? ExitCode.ok : ExitCode.partial;
      const report = await watched(out, 'repairing', (onProgress) =>
        repairRepository(butler, {
          ...look,
          onProgress,
          damaged: options['damaged'],
          deleteFiles: options['delete'] === true,
          force: options['force'] === true,
        }),
      );
      sayRepaired(out, report);
      out.value({ ...report, journal });
      return report.sound ? ExitCode.ok : ExitCode.partial;
    } finally {
      await butler.close();
    }
  },
};

async function watched(
  out: Output,
  label: string,
  work: (onProgress: DoctorOptions['onProgress']) => Promise<DoctorReport>,
): Promise<DoctorReport> {
  const progress = new Progress(label, out);
  const report = await work((_check, done, total) => progress.update(done, total));
  progress.end();
  return report;
}

function sayFound(out: Output, { found, sound }: DoctorReport, fix: boolean): void {
  if (out.json) return;
  if (found.length === 0) out.say('Nothing is wrong.');
  for (const kind of found) {
    out.say(`${kind.count} ${kind.title}  [${kind.name}${kind.severity === 'wrong' ? '' : `, ${kind.severity}`}]`);
    for (const { subject, detail } of kind.examples) out.say(`    ${subject}: ${detail}`);
    if (kind.count > kind.examples.length) out.say(`    … ${kind.count - kind.examples.length} more`);
    if (kind.repair !== undefined) out.say(`    --fix ${kind.repair}`);
    else if (kind.advice !== undefined) out.say(`    next: ${kind.advice}`);
  }
  if (found.length > 0 && sound) out.say('These are notes; nothing is wrong.');
  else if (!sound && !fix) out.say('Repair with --fix, after which it asks once more.');
}

function repairable({ found }: DoctorReport, damaged: string): number {
  const can = (kind: KindReport): boolean =>
    kind.repair !== undefined && (damaged !== 'leave' || !/^wrong-(size|checksum)$/.test(kind.name));
  return found.filter(can).reduce((sum, kind) => sum + kind.count, 0);
}

function sayRepaired(out: Output, report: DoctorReport): void {
  if (out.json) return;
  const done = report.found.filter((kind) => kind.repaired > 0);
  for (const kind of done) out.say(`Repaired ${kind.repaired} ${kind.title}.`);
  if (report.asideFolder !== undefined) out.say(`Files that were moved aside are in ${report.asideFolder}.`);
  for (const kind of report.found) {
    const left = kind.count - kind.repaired;
    if (left > 0 && kind.severity !== 'note') out.say(`Left: ${left} ${kind.title}; ${kind.advice ?? kind.repair}.`);
  }
}
