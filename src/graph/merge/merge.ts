// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { TaskDeclaration } from '../../pipeline/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { Link, noRow } from '../columns/link.ts';
import { RowSet } from '../columns/row-set.ts';
import { existingId, existingNumbers, presentNumbers } from '../derive/existing-writer.ts';
import { type DraftTask, type DraftType, derivedReport, finish } from '../derive/finish.ts';
import { linkOf } from '../derive/link-of.ts';
import { taskOrder } from '../derive/task-order.ts';
import { newGraphId, rowUuid } from '../ids.ts';
import type { GraphHeader } from '../quantum-graph.ts';
import { checkMergeable, conflict } from './check.ts';
import { type MergedRelations, mergeRecords, mergeRelations } from './relations.ts';

/**
 * One graph of several: of the same repository, tasks (with equal configurations) and output run, or parts of one graph, which
 * become that graph again. A quantum in two of them, or two datasets of one type, data ID and search order, are errors. What one
 * graph makes and another waits for is joined. The graph has an id of its own.
 */
export function mergeGraphs(graphs: readonly ColumnGraph[]): ColumnGraph {
  const header = checkMergeable(graphs);
  const merged = mergeRelations(graphs);
  const names = new Names(graphs);
  const tasks = names.tasks.map((label) => mergeTask(graphs, merged, names, label));
  const types = names.types.map((name) => mergeType(graphs, merged, names, name));
  const order = taskOrder({
    tasks: tasks as never,
    datasetTypes: types as never,
  });
  const placeOf = new Map(order.map((t, place) => [t, place]));
  for (const type of types)
    if (type.producer !== undefined)
      type.producer = { ...type.producer, task: placeOf.get(type.producer.task) as number };
  const ordered = order.map((t) => tasks[t]);
  return finish({
    id: newGraphId(),
    header: { ...header, createdAt: new Date().toISOString() } satisfies GraphHeader,
    relations: merged.relations,
    tasks: ordered,
    types,
    values: merged.values,
    records: mergeRecords(graphs, merged),
    report: derivedReport(graphs[0].report, ordered),
  });
}

/** Task labels and dataset types of all graphs, by name. */
class Names {
  readonly tasks: string[];
  readonly types: string[];
  readonly #tasks: Map<string, number>[];
  readonly #types: Map<string, number>[];

  constructor(graphs: readonly ColumnGraph[]) {
    this.tasks = [...new Set(graphs.flatMap((graph) => graph.tasks.map((task) => task.label)))];
    this.types = [...new Set(graphs.flatMap((graph) => graph.datasetTypes.map((type) => type.name)))];
    this.#tasks = graphs.map((graph) => new Map(graph.tasks.map((task, t) => [task.label, t])));
    this.#types = graphs.map((graph) => new Map(graph.datasetTypes.map((type, t) => [type.name, t])));
  }
  task(g: number, label: string): number | undefined {
    return this.#tasks[g].get(label);
  }
  type(g: number, name: string): number | undefined {
    return this.#types[g].get(name);
  }
}

function mergeTask(graphs: readonly ColumnGraph[], merged: MergedRelations, names: Names, label: string): DraftTask {
  const owners = graphs.flatMap((graph, g) => {
    const t = names.task(g, label);
    return t === undefined ? [] : [{ graph, g, t, task: graph.index.tasks[t] }];
  });
  const [{ g, task: first }] = owners;
  const { at: relation } = merged.places[g][first.relation];
  // For each row the graph that has the quantum: 1 + place among the owners.
  const ownerOf = new Uint32Array(merged.relations[relation].rows);
  const sourceRow = new Uint32Array(ownerOf.length);
  for (const [k, { graph, g, t, task }] of owners.entries()) {
    const { rowOf } = merged.places[g][task.relation];
    const quanta = graph.edges.quantaOf(t);
    for (let row = 0; row < quanta.size; row++) {
      if (!quanta.has(row)) continue;
      const to = rowOf[row];
      if (ownerOf[to] !== 0)
        throw conflict(
          `both have the quantum ${label} (${text(graph.quantumDataId(task.firstQuantum + quanta.rank(row)))})`,
          owners[ownerOf[to] - 1].graph,
          graph,
        );
      ownerOf[to] = k + 1;
      sourceRow[to] = row;
    }
  }
  const side = (which: 'inputs' | 'outputs') =>
    first[which].map((edges, k) => {
      const name = graphs[g].datasetTypes[edges.type].name;
      const sources = owners.map(({ graph, g, task }) => {
        const own = task[which][k];
        const type = graph.index.datasetTypes[own.type];
        return {
          link: linkOf(graph, own.link),
          datasets: graph.edges.datasetsOf(own.type),
          rowOf: merged.places[g][type.relation].rowOf,
        };
      });
      const type = graphs[g].index.datasetTypes[edges.type];
      const { at: to } = merged.places[g][type.relation];
      return { type: names.types.indexOf(name), link: mergedLink(sources, ownerOf, sourceRow, relation === to) };
    });
  const init = (which: 'initInputs' | 'initOutputs'): Record<string, number> =>
    Object.fromEntries(
      Object.entries(first[which]).map(([connection, row]) => [
        connection,
        names.types.indexOf(graphs[g].datasetTypes[graphs[g].typeOf(row)].name),
      ]),
    );
  const idOf = (row: number): string => {
    const { graph, t, task } = owners[ownerOf[row] - 1];
    return graph.quantumUuid(task.firstQuantum + graph.edges.quantaOf(t).rank(sourceRow[row]));
  };
  return {
    from: { ...first, declaration: withMultiple(owners.map(({ task }) => task.declaration)) },
    relation,
    quanta: RowSet.of(ownerOf),
    ...(hasGivenIds(graphs) ? { idOf } : {}),
    inputs: side('inputs'),
    outputs: side('outputs'),
    initInputs: init('initInputs'),
    initOutputs: init('initOutputs'),
  };
}

/** Edges of each quantum from the graph that has it; rows without a quantum have none. */
function mergedLink(
  sources: readonly { link: Link; datasets: RowSet; rowOf: Uint32Array }[],
  ownerOf: Uint32Array,
  sourceRow: Uint32Array,
  sameRelation: boolean,
): Link {
  const offsets = new Uint32Array(ownerOf.length + 1);
  let total = 0;
  for (let row = 0; row < ownerOf.length; row++) {
    if (ownerOf[row] > 0) {
      const { link } = sources[ownerOf[row] - 1];
      total += link.end(sourceRow[row]) - link.begin(sourceRow[row]);
    }
    offsets[row + 1] = total;
  }
  const items = new Uint32Array(total);
  let [at, single, identical] = [0, true, sameRelation];
  for (let row = 0; row < ownerOf.length; row++) {
    const begin = at;
    if (ownerOf[row] > 0) {
      const { link, datasets, rowOf } = sources[ownerOf[row] - 1];
      for (let i = link.begin(sourceRow[row]), end = link.end(sourceRow[row]); i < end; i++) {
        const to = link.at(i);
        if (to !== noRow && datasets.has(to)) items[at++] = rowOf[to];
      }
      if (at - begin > 1) {
        items.subarray(begin, at).sort();
        single = false;
      }
      identical = identical && at - begin === 1 && items[begin] === row;
    }
    offsets[row + 1] = at;
  }
  if (identical) return Link.same;
  if (!single) return Link.lists(offsets, items.slice(0, at));
  const map = new Uint32Array(ownerOf.length).fill(noRow);
  for (let row = 0; row < ownerOf.length; row++) if (offsets[row + 1] > offsets[row]) map[row] = items[offsets[row]];
  return Link.map(map);
}

function mergeType(graphs: readonly ColumnGraph[], merged: MergedRelations, names: Names, name: string): DraftType {
  const owners = graphs.flatMap((graph, g) => {
    const t = names.type(g, name);
    return t === undefined ? [] : [{ graph, g, t, type: graph.index.datasetTypes[t] }];
  });
  const [{ g, type: first }] = owners;
  const { at: relation } = merged.places[g][first.relation];
  const rows = merged.relations[relation].rows;
  const used = new Uint8Array(rows);
  // 1 + place among the owners: who makes it (or writes it once a run), and who has it as existing (and where).
  const [maker, holder, source] = [new Uint32Array(rows), new Uint32Array(rows), new Uint32Array(rows)];
  const numbers = owners.map(({ graph, t }) => existingNumbers(graph, t));
  const present = owners.map(({ graph, t }) => presentNumbers(graph, t));
  const idAt = (k: number, row: number): string => {
    const { graph, t, type } = owners[k];
    const existing = numbers[k](row);
    if (existing !== undefined) return existingId(graph, existing);
    return rowUuid(graph.id, 'dataset', type.firstDataset + graph.edges.datasetsOf(t).rank(row));
  };
  const makerRow = new Uint32Array(rows);
  for (const [k, { graph, g, t, type }] of owners.entries()) {
    const { rowOf } = merged.places[g][type.relation];
    const datasets = graph.edges.datasetsOf(t);
    for (let row = 0; row < datasets.size; row++) {
      if (!datasets.has(row)) continue;
      const to = rowOf[row];
      used[to] = 1;
      if (numbers[k](row) === undefined || graph.edges.producer(t, row) !== undefined) {
        maker[to] = k + 1;
        makerRow[to] = row;
      } else {
        if (holder[to] !== 0 && idAt(holder[to] - 1, source[to]) !== idAt(k, row)) {
          const what = `${name} (${text(graph.dataset(type.firstDataset + datasets.rank(row)).dataId)}) is not the same dataset`;
          // Written once a run by several parts: any of them will do, if one of the graphs writes it.
          if (first.datasetCount > 1 || graph.index.relations[type.relation].names.length > 0)
            throw conflict(what, owners[holder[to] - 1].graph, graph);
        }
        holder[to] = k + 1;
        source[to] = row;
      }
    }
  }
  const producer = owners.find(({ type }) => type.producer !== undefined);
  const draft: DraftType = {
    ...{ name, dimensions: first.dimensions, storageClass: first.storageClass, isCalibration: first.isCalibration },
    relation,
    datasets: RowSet.of(used),
    exists(row, writer) {
      if (maker[row] > 0 && hasGivenIds(graphs)) {
        const { graph } = owners[maker[row] - 1];
        const number = numbers[maker[row] - 1](makerRow[row]);
        if (number === undefined) writer.pending(idAt(maker[row] - 1, makerRow[row]), graph.header.outputRun);
        else writer.copy(graph, number);
        return 'given';
      }
      if (holder[row] === 0) return false;
      const k = holder[row] - 1;
      if (maker[row] > 0) {
        const own = idAt(maker[row] - 1, makerRow[row]);
        if (own === idAt(k, source[row]) || merged.relations[relation].names.length === 0) return false;
        throw conflict(
          `one makes ${name} that exists already for the other`,
          owners[maker[row] - 1].graph,
          owners[k].graph,
        );
      }
      writer.copy(owners[k].graph, numbers[k](source[row]) as number);
      return present[k](source[row]) === undefined ? 'given' : true;
    },
  };
  if (producer !== undefined) {
    const { task, output } = producer.type.producer as { task: number; output: number };
    draft.producer = { task: names.tasks.indexOf(producer.graph.tasks[task].label), output };
  }
  return draft;
}

/** The declaration of a task; a connection takes several datasets if it does in any of the graphs. */
function withMultiple(all: readonly TaskDeclaration[]): TaskDeclaration {
  const [first] = all;
  const connections = Object.entries(first.connections).map(([name, connection]) => {
    const multiple = all.some((one) => one.connections[name]?.multiple === true);
    return [name, multiple === (connection.multiple === true) ? connection : { ...connection, multiple }];
  });
  return { ...first, connections: Object.fromEntries(connections) };
}

/** Whether one of the graphs was made elsewhere: what comes of it has the ids that are there, quanta and predicted datasets alike. */
function hasGivenIds(graphs: readonly ColumnGraph[]): boolean {
  return graphs.some(({ index }) => index.quantumIds === true);
}

function text(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
