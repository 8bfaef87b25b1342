// SPDX-License-Identifier: BSD-3-Clause
import type { OptionSpec } from '../verb.ts';

const asTyped = (text: string): string => text;

/** Options of the verbs that build a graph. */
export const graphOptions: readonly OptionSpec[] = [
  { flags: '-b, --repo <repo>', description: 'repository', required: true },
  {
    flags: '-i, --input <collections>',
    description: 'input collections in search order (default: those of an output chain that exists)',
    list: true,
  },
  { flags: '-o, --output <chain>', description: 'output chain; its new run is <chain>/<time>' },
  { flags: '--output-run <run>', description: 'name of the output run itself' },
  { flags: '--extend-run', description: 'go on in the newest run of the output chain; what is done there is skipped' },
  {
    flags: '-d, --where <expression>',
    description: 'which data, e.g. "instrument = \'HSC\' AND visit IN (100..110)"',
    aliases: ['--data-query <expression>'],
  },
  {
    flags: '--data-id-table <file>',
    description: 'only data IDs of this table (CSV, ECSV, JSON or Parquet; columns are dimensions); repeat',
    list: true,
    parse: asTyped,
  },
  {
    flags: '--dataset-query-constraint <types>',
    description: 'inputs that must exist for a data ID to be considered: all, off, or TYPE,…',
    default: 'all',
  },
  {
    flags: '--skip-existing-in <collections>',
    description: 'leave out quanta whose metadata is in these collections',
    list: true,
  },
  { flags: '--skip-existing', description: 'leave out quanta whose metadata is in the output run' },
  {
    flags: '--retained-dataset-types <file>',
    description: 'globs of dataset types that are kept (one a line): what else a quantum needs is made again',
  },
  { flags: '--clobber-outputs', description: 'results that stand in the output run may be written again' },
  {
    flags: '--prune-unanchored-quanta <source:anchor>',
    description: 'leave out quanta of task SOURCE, and all after them, that lead to no quantum of task ANCHOR',
  },
  {
    flags: '--missing-prerequisites <what>',
    description: 'quanta without a prerequisite are left out, or the build fails',
    choices: ['prune', 'fail'],
    default: 'prune',
  },
  {
    flags: '--python-hooks <on|off>',
    description: 'ask Python tasks that have a say (adjustQuantum, adjust_all_quanta, look-up functions), or only warn',
    choices: ['on', 'off'],
    default: 'on',
  },
  { flags: '--explain', description: 'tell every step of the build with counts, constraint by constraint' },
];
