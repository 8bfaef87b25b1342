// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { fieldDifferences } from '../diff/fields.ts';
import { graphErrors } from '../errors.ts';
import type { GraphHeader } from '../quantum-graph.ts';

/** The header of the merged graph; an error where the graphs do not belong together. */
export function checkMergeable(graphs: readonly ColumnGraph[]): GraphHeader {
  if (graphs.length === 0) throw new Error('no graphs to merge');
  const [first, ...others] = graphs;
  for (const other of others) {
    const [a, b] = [wanted(first), wanted(other)];
    const [difference] = fieldDifferences(a, b);
    if (difference !== undefined)
      throw conflict(
        `${difference.field} is ${JSON.stringify(difference.a)} and ${JSON.stringify(difference.b)}`,
        first,
        other,
      );
  }
  const declared = new Map<string, { graph: ColumnGraph; task: ColumnGraph['tasks'][number] }>();
  for (const graph of graphs)
    for (const task of graph.tasks) {
      const known = declared.get(task.label);
      if (known === undefined) {
        declared.set(task.label, { graph, task });
        continue;
      }
      const names = { inputs: task.inputNames, outputs: task.outputNames };
      const knownNames = { inputs: known.task.inputNames, outputs: known.task.outputNames };
      const guessed = [known.graph, graph].some(({ index }) => index.quantumIds === true);
      const [difference] = [
        ...fieldDifferences(known.task.declaration, task.declaration),
        ...fieldDifferences(knownNames, names),
        // Which connections take several datasets is not in graphs of elsewhere: it was concluded from what they hold.
      ].filter(({ field }) => !(guessed && /^connections\..*\.multiple$/.test(field)));
      if (difference !== undefined)
        throw conflict(
          `task "${task.label}" differs in ${difference.field}: ${JSON.stringify(difference.a)} and ${JSON.stringify(difference.b)}`,
          known.graph,
          graph,
        );
    }
  const outputRun = runOf(first);
  const inputs = [...new Set(graphs.flatMap((graph) => graph.header.inputs))];
  const where = [...new Set(graphs.map((graph) => graph.header.where).filter((text) => text !== ''))];
  const whole = where.length < 2 ? (where[0] ?? '') : where.map((text) => `(${text})`).join(' OR ');
  return { ...first.header, outputRun, inputs, where: whole, part: undefined };
}

/** The run of the whole graph, where this is a part. */
function runOf({ header }: ColumnGraph): string {
  return header.part?.ofRun ?? header.outputRun;
}

function wanted(graph: ColumnGraph) {
  const { repositoryId, universeVersion } = graph.header;
  return { repository: repositoryId, 'universe version': universeVersion, 'output run': runOf(graph) };
}

export function conflict(what: string, first: ColumnGraph, second: ColumnGraph) {
  const name = ({ id, header }: ColumnGraph): string => (header.part === undefined ? id : `part ${header.part.name}`);
  return graphErrors.MERGE_CONFLICT({ what, first: name(first), second: name(second) });
}
