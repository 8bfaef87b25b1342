// SPDX-License-Identifier: BSD-3-Clause
import { ColumnGraph } from '../column-graph.ts';
import { derivedReport } from '../derive/finish.ts';
import { graphErrors } from '../errors.ts';
import { newGraphId } from '../ids.ts';
import { Cutter } from '../split/cut.ts';

/**
 * The same work into another run. The graph gets an id of its own, from which the ids of its quanta and of the datasets it will
 * make are computed, so all of them are new; where files will be follows from run and data ID. Datasets that exist stay what they
 * are. All columns are shared with the given graph, unless datasets it makes carry ids of their old run: then they are laid out anew.
 */
export function updateRun(
  graph: ColumnGraph,
  run: string,
  output: string | undefined = graph.header.output,
): ColumnGraph {
  if (run === graph.header.outputRun) throw graphErrors.SAME_RUN({ run });
  const header = { ...graph.header, outputRun: run, output, createdAt: new Date().toISOString(), origin: undefined };
  const { index, parts } = graph;
  const id = newGraphId();
  const carried =
    index.quantumIds === true || index.datasetTypes.some((type) => type.producer && type.existing !== 'none');
  if (!carried) return new ColumnGraph({ ...index, id, header }, parts);
  const quanta = Uint32Array.from({ length: graph.quantumCount }, (_, quantum) => quantum);
  const cutter = new Cutter(graph, { partOf: new Uint32Array(quanta.length), quanta: [quanta] }, [
    { id, name: run, header },
  ]);
  const renewed = cutter.cut(0);
  renewed.index.report = { ...derivedReport(graph.report, []), tasks: graph.report.tasks };
  return renewed;
}
