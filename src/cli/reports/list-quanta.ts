// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import type { ReadRun, RunReport } from '../../run/index.ts';
import { cliErrors } from '../errors.ts';
import type { Output } from '../output.ts';
import { RowPrinter } from '../row-printer.ts';
import { ExitCode } from '../verb.ts';

type State = keyof RunReport['counts'];

/**
 * Prints what a number of a report counts: `failed` or `isr:failed` (quanta by data ID, with the signature of the failure or who is to
 * blame), `isr` (all its quanta), or a dataset type (its outputs that are missing).
 */
export async function listQuanta(out: Output, graph: QuantumGraph, run: ReadRun, what: string): Promise<number> {
  const [first, second] = what.split(':');
  const states = Object.keys(run.report.counts) as State[];
  const labels = graph.tasks.map(({ label }) => label);
  const state = states.find((name) => name === (second ?? first));
  const label = labels.find((name) => name === first);
  if (label === undefined && second === undefined && state === undefined) {
    const type = graph.datasetTypes.find(({ name }) => name === first);
    if (type === undefined) throw unknown(what, [...states, ...labels, ...graph.datasetTypes.map(({ name }) => name)]);
    return listMissing(out, graph, run, type.name);
  }
  if (second !== undefined && (label === undefined || state === undefined))
    throw label === undefined ? unknown(first, labels) : unknown(second, states);
  const signatures = new Map<number, string>();
  for (const { signature, quanta } of run.report.failures) for (const q of quanta) signatures.set(q, signature);
  const printer = new RowPrinter(out);
  for (const [t, task] of graph.tasks.entries()) {
    if (label !== undefined && task.label !== label) continue;
    let begun = false;
    for (let q = task.firstQuantum; q < task.firstQuantum + task.quantumCount; q++) {
      const is = run.stateOf(q);
      if (state !== undefined && is !== state) continue;
      const dataId = graph.quantumDataId(q);
      if (!begun) await printer.begin(['task', ...Object.keys(dataId), 'state', 'because of']);
      begun = true;
      const by = run.blamedFor(q);
      const blamed =
        by === undefined ? undefined : `${graph.tasks[graph.taskOf(by)].label} ${text(graph.quantumDataId(by))}`;
      const because = signatures.get(q) ?? blamed;
      const json = { task: task.label, quantum: q, quantumId: graph.quantumUuid(q), dataId, state: is, because };
      await printer.push([graph.tasks[t].label, ...Object.values(dataId), is, because], json);
    }
  }
  await printer.end();
  return printer.rows > 0 ? ExitCode.ok : ExitCode.nothing;
}

async function listMissing(out: Output, graph: QuantumGraph, run: ReadRun, datasetType: string): Promise<number> {
  const printer = new RowPrinter(out);
  const type = graph.datasetTypes.find(({ name }) => name === datasetType)!;
  let begun = false;
  for (let row = type.firstDataset; row < type.firstDataset + type.datasetCount; row++) {
    const dataset = graph.dataset(row);
    if (dataset.producer === undefined || run.isMade(row)) continue;
    if (!begun) await printer.begin(['dataset type', ...Object.keys(dataset.dataId), 'its quantum']);
    begun = true;
    const state = run.stateOf(dataset.producer);
    const json = { datasetType, id: dataset.id, dataId: dataset.dataId, quantum: dataset.producer, state };
    await printer.push([datasetType, ...Object.values(dataset.dataId), state], json);
  }
  await printer.end();
  return printer.rows > 0 ? ExitCode.ok : ExitCode.nothing;
}

function text(dataId: Readonly<Record<string, string | number>>): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function unknown(word: string, known: readonly string[]) {
  const hint = didYouMean(word, known);
  return cliErrors.OPTIONS({
    problem: `--list ${word}: that is no state, task or dataset type of this run.${hint || ` States are ${known.slice(0, 9).join(', ')}.`}`,
  });
}
