// SPDX-License-Identifier: BSD-3-Clause
import { CommanderError } from 'commander';
import { toPlainError } from '../base/index.ts';
import { Output } from './output.ts';
import { buildProgram, expanded } from './program.ts';
import { ExitCode } from './verb.ts';
import { verbsFor } from './verbs-for.ts';

// A reader that went away (`skymill … | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const words = process.argv.slice(2);
const verbs = await verbsFor(words);
const program = buildProgram(verbs);
// A verb needs no completion; shells and readers of --help ask for it.
if (verbs.length > 1) (await import('./completion.ts')).addCompletion(program, verbs);
try {
  const all = expanded(words, verbs);
  if (all !== undefined) await program.parseAsync([...process.argv.slice(0, 2), ...all]);
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has printed its message; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.badInput;
  } else {
    new Output({ json: false }).error(toPlainError(error), true);
    process.exitCode = ExitCode.fault;
  }
}
