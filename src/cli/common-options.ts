// SPDX-License-Identifier: BSD-3-Clause
import type { OptionSpec } from './verb.ts';

/** Options that several verbs share, with one wording. */

export const collectionsOption: OptionSpec = {
  flags: '--collections <names>',
  description: 'collections to search, in order; comma-separated or repeated',
  list: true,
};

export const whereOption: OptionSpec = {
  flags: '--where <expression>',
  description: 'restrict data IDs, e.g. "instrument = \'HSC\' AND visit IN (100..110)"',
};

export const limitOption: OptionSpec = {
  flags: '--limit <n>',
  description: 'stop after n rows; 0 is no limit; with a minus sign, warn when there are more',
  default: -20_000,
  parse: integer,
};

export const offsetOption: OptionSpec = {
  flags: '--offset <n>',
  description: 'leave out the first n rows; only with --limit',
  parse: wholeNumber,
};

export const orderByOption: OptionSpec = {
  flags: '--order-by <terms>',
  description: 'columns to sort by, "-" before a name for descending',
  list: true,
};

export const jobsOption: OptionSpec = {
  flags: '-j, --jobs <n>',
  description: 'how many at the same time (default: the cores of this machine)',
  parse: countingNumber,
};

export const anyCodeOption: OptionSpec = {
  flags: '--any-code',
  description: 'results of other versions of Skymill or of task modules count as if they were of these',
};

export const dryRunOption: OptionSpec = { flags: '--dry-run', description: 'say what would be done; change nothing' };

export const transferModes = ['auto', 'copy', 'move', 'link', 'hardlink', 'symlink', 'relsymlink', 'direct'] as const;
export const transferOption: OptionSpec = {
  flags: '-t, --transfer <mode>',
  description: 'how files come into the repository',
  choices: [...transferModes],
};

export const onConflictOption: OptionSpec = {
  flags: '--on-conflict <what>',
  description: 'when a dataset or record is there already',
  choices: ['fail', 'skip'],
  default: 'fail',
};

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`"${text}" is not a whole number`);
  return value;
}

function integer(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value)) throw new Error(`"${text}" is not a whole number`);
  return value;
}

export function countingNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new Error('it must be 1 or more');
  return value;
}

export function positiveNumber(text: string): number {
  const value = realNumber(text);
  if (value <= 0) throw new Error(`"${text}" is not above 0`);
  return value;
}

export function numberFromZero(text: string): number {
  const value = realNumber(text);
  if (value < 0) throw new Error(`"${text}" is below 0`);
  return value;
}

export function realNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`"${text}" is not a number`);
  return value;
}
