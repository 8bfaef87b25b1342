// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import type { Verb } from '../verb.ts';

export const graphSplit: Verb = {
  name: 'graph split',
  group: 'Produce',
  summary: 'split a graph into parts that are graphs by themselves, in the order in which they can run',
  details:
    'Every quantum goes to one part. What a part reads and an earlier part makes stands in it as an existing dataset with the id it will have; run the parts in the order that is printed. Each part writes to its own run, <output run>/<part>.',
  arguments: [['<graph>', 'graph file']],
  options: [
    { flags: '--by <dimensions>', description: 'a part for each value of these dimensions', list: true },
    { flags: '--parts <n>', description: 'so many parts of about equal size', parse: (text) => Number(text) },
    {
      flags: '--tasks <expression>',
      description: 'tasks of one part (isr..calibrate, >=makeWarp); repeat for more; the others make the part "rest"',
      list: true,
      parse: (text) => text,
    },
    { flags: '--into <folder>', description: 'folder for the parts (default: beside the graph)' },
    dryRunOption,
  ],
  examples: [
    ['graph split dr1.qgraph --by tract --dry-run', 'what parts there would be'],
    ['graph split dr1.qgraph --by tract,band --into parts', 'a graph file for each tract and band'],
    ['graph split dr1.qgraph --parts 8', 'eight parts along the dimension that suits best'],
    ['graph split dr1.qgraph --tasks isr..calibrate --tasks makeWarp,assembleCoadd', 'by steps of the pipeline'],
  ],
  async action({ args, options, out }) {
    const { basename, dirname, join } = await import('node:path');
    const { mkdir } = await import('node:fs/promises');
    const { openGraph, splitGraph, writeGraph } = await import('../../graph/index.ts');
    const path = args['graph'] as string;
    const graph = await openGraph(path);
    const split = splitGraph(graph, {
      by: options['by'],
      parts: options['parts'],
      tasks: options['tasks'],
    });
    const folder = (options['into'] as string | undefined) ?? dirname(path);
    const stem = basename(path).replace(/\.[^.]*$/, '');
    const width = String(split.parts.length).length;
    const files = split.parts.map(({ name }, k) =>
      join(folder, `${stem}-${String(k + 1).padStart(width, '0')}-${name.replace(/[^\w.=,-]/g, '_')}.qgraph`),
    );
    const needs: string[][] = split.parts.map(() => []);
    if (options['dryRun'] !== true) {
      await mkdir(folder, { recursive: true });
      let at = 0;
      for (const part of split.graphs()) {
        await writeGraph(part, files[at]);
        needs[at++] = (part.header.part?.needs ?? []).map((need) => need.part);
      }
    }
    if (!out.json)
      out.rows(
        ['part', 'quanta', 'output run', options['dryRun'] === true ? 'file (not written)' : 'file'],
        split.parts.map(({ name, run, quanta }, k) => [name, quanta, run, files[k]]),
      );
    out.value(split.parts.map((part, k) => ({ ...part, file: files[k], needs: needs[k] })));
    return 0;
  },
};
