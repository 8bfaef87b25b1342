// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { didYouMean, yaml } from '../base/index.ts';
import { cliErrors } from './errors.ts';
import type { OptionSpec, Verb } from './verb.ts';

export const optionsFileOption: OptionSpec = {
  flags: '-@, --options-file <file>',
  description: 'YAML file with options, under the name of the verb; those of the command line go first',
};

/**
 * The words of a command line with the options of the file it names in place of `-@ FILE`: under the name of the verb (`graph build` may
 * also stand as a mapping in a mapping) each option by its long or short name, without dashes.
 * @throws CLI_OPTIONS_FILE
 */
export function withOptionsFile(words: readonly string[], verb: Verb): string[] {
  const rest = [...words];
  const end = rest.indexOf('--');
  const at = rest.findIndex((word, i) => /^(-@|--options-file(=.*)?)$/.test(word) && (end < 0 || i < end));
  if (at < 0) return rest;
  const inline = /=(.*)$/s.exec(rest[at])?.[1];
  const [, next] = rest.splice(at, inline === undefined ? 2 : 1);
  const file = inline ?? next;
  if (file === undefined) throw cliErrors.OPTIONS_FILE({ file: '', problem: 'no file is named after it' });
  const given = new Set(rest.slice(0, end < 0 ? undefined : end).map((word) => word.replace(/=.*$/s, '')));
  const options = [...(verb.options ?? []), { flags: '--json', description: '' }].map(({ flags }) => new Option(flags));
  const added = Object.entries(sectionOf(file, verb.name)).flatMap(([name, value]) => {
    const option =
      options.find(({ long, short }) => long === `--${name}` || short === `-${name}`) ??
      options.find((one) => isSwitch(one) && one.long === otherForm(`--${name}`));
    if (option === undefined) {
      const hint = didYouMean(
        name,
        options.map(({ long }) => long!.slice(2)),
      );
      throw cliErrors.OPTIONS_FILE({ file, problem: `"${name}" is no option of ${verb.name}.${hint}` });
    }
    if (given.has(option.long!) || given.has(option.short!)) return [];
    return wordsOf(option, name, value, file);
  });
  const place = verb.name.split(' ').length;
  return [...rest.slice(0, place), ...added, ...rest.slice(place)];
}

function isSwitch(option: Option): boolean {
  return option.isBoolean() || option.negate;
}

/** `--no-x` of `--x`, and the other way round. */
function otherForm(long: string): string {
  return long.startsWith('--no-') ? long.replace('--no-', '--') : long.replace('--', '--no-');
}

function wordsOf(option: Option, name: string, value: unknown, file: string): string[] {
  const long = option.long!;
  if (isSwitch(option)) {
    if (typeof value !== 'boolean') {
      throw cliErrors.OPTIONS_FILE({ file, problem: `${name} is a switch: true or false` });
    }
    const said = otherForm(`--${name}`) === long ? `--${name}` : long;
    return [value ? said : otherForm(said)];
  }
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((item) => {
    if (item === null || typeof item === 'object') {
      throw cliErrors.OPTIONS_FILE({ file, problem: `${name} has no value that an option can have` });
    }
    return [`${long}=${item}`];
  });
}

function sectionOf(file: string, verbName: string): Record<string, unknown> {
  const bad = (problem: string): Error => cliErrors.OPTIONS_FILE({ file, problem });
  let content: unknown;
  try {
    content = yaml().parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw bad((error as Error).message.split('\n')[0]);
  }
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(content)) throw bad('it is not a mapping from verbs to their options');
  const nested = verbName.split(' ').reduce<unknown>((at, word) => (isMap(at) ? at[word] : undefined), content);
  const section = content[verbName] ?? nested ?? {};
  if (!isMap(section)) throw bad(`under ${verbName} is no mapping from options to values`);
  return section;
}
