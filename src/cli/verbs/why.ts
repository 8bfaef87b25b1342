// SPDX-License-Identifier: BSD-3-Clause
import { openRun } from '../produce/open-run.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const why: Verb = {
  name: 'why',
  group: 'Understand',
  summary: 'tell the story of a quantum or a dataset: why it is there, what happened, who is to blame',
  arguments: [
    ['<repo>', 'repository'],
    ['<run>', 'run, or output chain for its newest run'],
    ['<thing...>', 'UUID, row number, or "label key=value …" / "datasetType key=value …"'],
  ],
  options: [{ flags: '--log', description: 'with the log of the last attempt' }],
  examples: [
    ['why repo u/me/drp isr exposure=2026011000012 detector=3', 'one quantum'],
    ['why repo u/me/drp deepCoadd patch=4 band=r', 'the quantum that makes, or should have made, a dataset'],
    ['why repo u/me/drp 17 --log', 'by row number, with its log'],
  ],
  exitCodes: { 4: 'nothing of that name in the run' },
  async action({ args, options, out }) {
    const { readAttemptLog, RunFolder } = await import('../../run/index.ts');
    const { storiesOf } = await import('../produce/stories.ts');
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const folder = await openRun(butler, args['run'] as string);
      const text = [args['thing']].flat().join(' ');
      const { stories, notes, names } = await storiesOf(butler, folder, text);
      for (const note of notes) out.say(note);
      for (const story of stories) {
        out.say(`${story.run}: ${story.label} (quantum ${story.quantum}, ${story.quantumId}): ${story.state}`);
        for (const line of story.lines) out.say(`  ${line}`);
        const last = story.attempts.at(-1);
        if (options['log'] === true && last !== undefined) {
          const itsFolder = RunFolder.open(butler.root, story.run);
          out.say(readAttemptLog(itsFolder, last).replace(/^/gm, '  | '));
        }
      }
      out.value(stories);
      if (stories.length + notes.length > 0) return ExitCode.ok;
      const { didYouMean } = await import('../../base/index.ts');
      const [name] = text.split(' ');
      const hint = names.includes(name)
        ? ` There is "${name}", but not with these values.`
        : didYouMean(name, names) || ' It has no such task, dataset type, row or id.';
      out.warn(`nothing in this run is "${text}".${hint}`);
      return ExitCode.nothing;
    });
  },
};
