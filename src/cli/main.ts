// SPDX-License-Identifier: BSD-3-Clause
import { CommanderError } from 'commander';
import { toPlainError } from '../base/index.ts';
import { addCompletion } from './completion.ts';
import { Output } from './output.ts';
import { buildProgram } from './program.ts';
import { ExitCode } from './verb.ts';

// A reader that went away (`skymill … | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = buildProgram();
addCompletion(program);
try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has printed its message; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.badInput;
  } else {
    new Output({ json: false }).error(toPlainError(error), true);
    process.exitCode = ExitCode.fault;
  }
}
