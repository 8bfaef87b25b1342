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
    const { findInGraph, readAttemptLog, why: storyOf } = await import('../../run/index.ts');
    const { openGraph } = await import('../../graph/index.ts');
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const folder = await openRun(butler, args['run'] as string);
      const graph = await openGraph(folder.graphPath);
      const text = [args['thing']].flat().join(' ');
      const stories = [];
      for (const found of findInGraph(graph, text)) {
        if ('quantum' in found) stories.push(storyOf(graph, folder, found.quantum));
        else {
          const dataset = graph.dataset(found.dataset);
          const id = Object.entries(dataset.dataId)
            .map(([k, v]) => `${k}=${v}`)
            .join(' ');
          if (dataset.producer !== undefined) stories.push(storyOf(graph, folder, dataset.producer));
          else
            out.say(
              `${dataset.datasetType} ${id} was there before: ${dataset.run}, ${dataset.files[0]?.path ?? 'no file'}.`,
            );
        }
      }
      for (const story of stories) {
        out.say(`${story.label} (quantum ${story.quantum}, ${story.quantumId}): ${story.state}`);
        for (const line of story.lines) out.say(`  ${line}`);
        const last = story.attempts.at(-1);
        if (options['log'] === true && last !== undefined) out.say(readAttemptLog(folder, last).replace(/^/gm, '  | '));
      }
      out.value(stories);
      if (stories.length > 0) return ExitCode.ok;
      const names = [...graph.tasks.map((t) => t.label), ...graph.datasetTypes.map((t) => t.name)];
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
