// SPDX-License-Identifier: BSD-3-Clause
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import type { Verb } from './verb.ts';

/**
 * Adds `skymill completion <shell>` and answers the shell's requests. Suggestions come from the verb declarations alone:
 * no repository is opened and no heavy room imported.
 */
export function addCompletion(program: Command, verbs: readonly Verb[]): void {
  const completion = tab(program, { completionCommandName: 'completion' });
  for (const verb of verbs) {
    const command = completion.commands.get(verb.name);
    for (const spec of verb.options ?? []) {
      const name = /--([a-z-]+)/.exec(spec.flags)?.[1];
      const option = name === undefined ? undefined : command?.options.get(name);
      if (option !== undefined && spec.choices !== undefined) {
        const choices = spec.choices;
        option.handler = (complete) => {
          for (const choice of choices) complete(choice, spec.description);
        };
      }
    }
  }
}
