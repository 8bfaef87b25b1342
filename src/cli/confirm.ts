// SPDX-License-Identifier: BSD-3-Clause
import { createInterface } from 'node:readline/promises';
import { cliErrors } from './errors.ts';
import type { Output } from './output.ts';
import type { OptionSpec } from './verb.ts';

export const noConfirmOption: OptionSpec = {
  flags: '--no-confirm',
  description: 'do it without asking (needed where nobody can be asked: no terminal, or --json)',
};

/**
 * Whether to go on after a preview: yes with `--no-confirm`; asked on a terminal; refused elsewhere, so that a script never removes
 * what it did not say it wants removed. @throws CLI_NOT_CONFIRMED
 */
export async function confirmed(question: string, options: Record<string, unknown>, out: Output): Promise<boolean> {
  if (options['confirm'] === false) return true;
  if (out.json || process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw cliErrors.NOT_CONFIRMED({ question });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return true;
  } finally {
    terminal.close();
  }
  out.say('Nothing was changed.');
  return false;
}
