// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DimensionUniverse } from '../../butler/index.ts';
import type { Exclusion, ExecuteOptions } from '../../run/index.ts';
import { jobsOption, numberFromZero, positiveNumber } from '../common-options.ts';
import { cliErrors } from '../errors.ts';
import type { OptionSpec } from '../verb.ts';

/** Options about how a graph is executed: none of them makes it another production. */
export const executeOptions: readonly OptionSpec[] = [
  jobsOption,
  { flags: '--memory <GB>', description: 'memory all quanta together may request', parse: positiveNumber },
  {
    flags: '--cache-memory <GB>',
    description:
      'of it, what workers may take to keep datasets for the quanta that read them next (default: a quarter)',
    parse: numberFromZero,
  },
  {
    flags: '--in-memory <types>',
    description: 'dataset types that are not kept: only handed over in memory, from quantum to quantum of one worker',
    list: true,
  },
  {
    flags: '--hang-seconds <seconds>',
    description: 'end an attempt that neither computes nor reads or writes for so long; 0: never (default: 600)',
    parse: numberFromZero,
  },
  {
    flags: '--exclude <data ID>',
    description: 'leave out quanta, e.g. "visit=42, detector=3" or "calibrate visit=42"; repeat',
    list: true,
    parse: (text) => text,
  },
  {
    flags: '--exclude-table <file>',
    description: 'leave out the data IDs of this table (CSV, ECSV, JSON or Parquet; columns are dimensions)',
  },
  {
    flags: '--verify <how>',
    description: 'look at the files of what is done by their size, or read them all and compare checksums',
    choices: ['size', 'checksum'],
    default: 'size',
  },
  {
    flags: '--logs-as <what>',
    description: 'logs and metadata of quanta as members of a few archives, or as files: two for each quantum',
    choices: ['archives', 'files'],
    default: 'archives',
  },
  {
    flags: '--requests <from>',
    description: 'memory quanta ask for: as learned from earlier runs of the repository, or only as tasks declare it',
    choices: ['learned', 'declared'],
    default: 'learned',
  },
  { flags: '--take-over', description: 'take the run from a controller on another machine that is known to be gone' },
  {
    flags: '--retry-rules <file>',
    description: 'YAML file that says which failures are tried again, accepted or given up',
  },
  { flags: '--retry-passive', description: 'only record what those rules would do; the built-in ones decide' },
  {
    flags: '--registry-patience <seconds>',
    description: 'how long the registry may be away before the run stops; outputs wait in the outcome log',
    default: 600,
    parse: positiveNumber,
  },
];

/** What the options of a command line come to for the tasks of a graph. */
export async function readExecuteOptions(
  butler: ButlerApi,
  labels: readonly string[],
  options: Record<string, unknown>,
): Promise<Partial<ExecuteOptions>> {
  const { readRetryRules } = await import('../../run/index.ts');
  const rulesFile = options['retryRules'] as string | undefined;
  if (options['retryPassive'] === true && rulesFile === undefined)
    throw cliErrors.OPTIONS({ problem: '--retry-passive says how --retry-rules is used, and no rules are given' });
  const rules = rulesFile === undefined ? undefined : readRetryRules(rulesFile, [...labels]);
  const memory = options['memory'] as number | undefined;
  const cache = options['cacheMemory'] as number | undefined;
  return {
    jobs: options['jobs'] as number | undefined,
    memoryBytes: memory === undefined ? undefined : memory * 1e9,
    cacheBytes: cache === undefined ? undefined : cache * 1e9,
    inMemory: options['inMemory'] as string[] | undefined,
    hangSeconds: options['hangSeconds'] as number | undefined,
    takeOver: options['takeOver'] === true,
    requests: options['requests'] as ExecuteOptions['requests'],
    quantumRecords: options['logsAs'] as ExecuteOptions['quantumRecords'],
    ...(options['retryPassive'] === true ? { passiveRules: rules } : { rules }),
    verify: options['verify'] as ExecuteOptions['verify'],
    registryPatienceSeconds: options['registryPatience'] as number | undefined,
    exclude: await readExclusions(butler, options),
  };
}

/** `--exclude` and `--exclude-table`. */
export async function readExclusions(butler: ButlerApi, options: Record<string, unknown>): Promise<Exclusion[]> {
  const { parseExclusion } = await import('../../run/index.ts');
  const exclusions = ((options['exclude'] as string[] | undefined) ?? []).map(parseExclusion);
  const file = options['excludeTable'] as string | undefined;
  if (file === undefined) return exclusions;
  const { readDataIdTable } = await import('./data-id-table.ts');
  const { rows, dimensions, columns } = await readDataIdTable(
    file,
    butler.universe as DimensionUniverse,
    '--exclude-table',
    false,
  );
  for (let row = 0; row < rows; row++) {
    const dataId = Object.fromEntries(dimensions.map((name) => [name, columns[name][row]]));
    const values = dimensions.map((name) => `${name}=${dataId[name]}`).join(', ');
    exclusions.push({ dataId, text: `${values} (${file})` });
  }
  return exclusions;
}
