// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

export const cliErrors = defineErrors('CLI', {
  NO_FILES: {
    message: (p: { location: string }) => `${p.location}: no such file, and no FITS file is found there`,
    next: 'Give files, folders that hold *.fits, *.fit, *.fits.gz or *.fits.fz, or a quoted glob.',
  },
  USAGE: {
    message: (p: { message: string }) => p.message,
    next: '`skymill --help` lists the verbs; --help after a verb shows its arguments, options and examples.',
  },
  FILE_UNREADABLE: {
    message: (p: { file: string; reason: string }) => `${p.file} cannot be read: ${p.reason}`,
    next: 'Check the path, its permissions, and that it is YAML.',
  },
  BAD_ASSIGNMENT: {
    message: (p: { text: string; form: string }) => `"${p.text}" is not of the form ${p.form}`,
    next: 'See --help for examples.',
  },
  NOT_CONFIRMED: {
    message: (p: { question: string }) => `${p.question} Nobody can be asked here, and nothing was changed`,
    next: 'Look at the preview with --dry-run, then give --no-confirm.',
  },
  RUN_CONFIG: {
    message: (p: { run: string; label: string; field: string; there: string; here: string }) =>
      `The output run ${p.run} was made with another configuration of task "${p.label}": ${p.field} is ${p.there} there and ${p.here} here`,
    next: (p) =>
      `Choose a new output run (leave out --extend-run or --output-run), or give -c ${p.label}:${p.field}=${p.there}.`,
  },
  RUN_CODE: {
    message: (p: { run: string }) =>
      `The run ${p.run} was begun with other code of its tasks: another version of Skymill, or modules that were edited since`,
    next: 'Give the graph a run of its own with `skymill graph update-run`, or say with --any-code that results of both are as good.',
  },
  PART_FIRST: {
    message: (p: { part: string; run: string; datasets: number }) =>
      `This part of a graph needs ${p.datasets} datasets of the part "${p.part}", whose run ${p.run} is not there`,
    next: 'Run that part first; `skymill graph show` lists what a part needs.',
  },
  OPTIONS: {
    message: (p: { problem: string }) => p.problem,
    next: 'See --help for what the options mean and how they go together.',
  },
  OPTIONS_FILE: {
    message: (p: { file: string; problem: string }) => `Options file ${p.file}: ${p.problem}`,
    next: 'It holds, under the name of each verb, options by their names without dashes; --help lists them.',
  },
  BAD_CONFIG: {
    message: (p: { what: string; problem: string }) => `${p.what}: ${p.problem}`,
    next: 'Correct the value; --help lists what there is.',
  },
  NO_RUNNER: {
    message: (p: { tasks: string }) => `Tasks that exist as Python classes only cannot be run here: ${p.tasks}`,
    next: 'Write the graph with `skymill graph build` and `skymill graph export`, and run the .qg file with the tools it is made for; or choose other tasks: pipeline.yaml#label,label.',
  },
});

/** `name=value` as a pair. */
export function parseAssignment(text: string, form = 'name=value'): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw cliErrors.BAD_ASSIGNMENT({ text, form });
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
