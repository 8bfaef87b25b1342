// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { take } from '../columns/group.ts';
import { growingU32 } from '../columns/growing.ts';
import { Link, noRow } from '../columns/link.ts';
import { RowSet } from '../columns/row-set.ts';
import { existingNumbers, hasFiles } from '../derive/existing-writer.ts';
import { type Draft, type DraftTask, type DraftType, derivedReport, finish } from '../derive/finish.ts';
import { linkOf } from '../derive/link-of.ts';
import { rowUuid } from '../ids.ts';
import type { GraphHeader } from '../quantum-graph.ts';

/** Which part each quantum goes to, and the parts in an order in which they can run. */
export interface Assignment {
  partOf: Uint32Array;
  /** Quanta of each part, ascending. */
  quanta: readonly Uint32Array[];
}

export interface PartIdentity {
  id: string;
  name: string;
  header: GraphHeader;
}

/**
 * Cuts the parts of one graph. Tables of the size of the graph are made once and cleaned after each part, so that all parts
 * together cost about as much as the graph has rows.
 */
export class Cutter {
  readonly #graph: ColumnGraph;
  readonly #assignment: Assignment;
  readonly #identities: readonly PartIdentity[];
  readonly #finalOf = new Map<number, Uint32Array>();
  readonly #links = new Map<number, Link>();
  readonly #marks = new Map<number, Uint8Array>();
  /** Row in its part of each dataset that a part makes. */
  readonly #rowInPart: Uint32Array;
  /** Of datasets written once a run, the first part that writes them. */
  readonly #initPart = new Map<number, number>();

  constructor(graph: ColumnGraph, assignment: Assignment, identities: readonly PartIdentity[]) {
    this.#graph = graph;
    this.#assignment = assignment;
    this.#identities = identities;
    this.#rowInPart = new Uint32Array(graph.datasetCount).fill(noRow);
  }

  /** Parts must be cut in their order: inputs get the ids that earlier parts gave them. */
  cut(part: number): ColumnGraph {
    const { index, parts } = this.#graph;
    const chosen = this.#chosenRows(part);
    const kept = [...chosen.keys()].sort((a, b) => a - b);
    const used = this.#usedDatasets(chosen, kept);
    const types = [...used.keys()].sort((a, b) => a - b);

    const rows = new Map<number, Uint32Array[]>();
    for (const t of kept) push(rows, index.tasks[t].relation, chosen.get(t) as Uint32Array);
    for (const ty of types) push(rows, index.datasetTypes[ty].relation, used.get(ty) as Uint32Array);
    const relations = [...rows.keys()].sort((a, b) => a - b);
    const picked = new Map(relations.map((r) => [r, union(rows.get(r) as Uint32Array[], this.#marksOf(r))]));
    for (const [r, list] of picked) {
      const finalOf = this.#finalRows(r);
      for (let k = 0; k < list.length; k++) finalOf[list[k]] = k;
    }
    const cutLinks = new Map<number, Link>();
    const edges = (side: readonly { type: number; link: number }[]) =>
      side.map(({ type, link }) => {
        const { from, to } = index.links[link];
        let cut = cutLinks.get(link);
        if (cut === undefined) {
          cut = cutLink(this.#link(link), picked.get(from) as Uint32Array, this.#finalRows(to), from === to);
          cutLinks.set(link, cut);
        }
        return { type: types.indexOf(type), link: cut };
      });
    const setOf = (r: number, list: Uint32Array): RowSet => {
      const flags = new Uint8Array((picked.get(r) as Uint32Array).length);
      const finalOf = this.#finalRows(r);
      for (const row of list) flags[finalOf[row]] = 1;
      return RowSet.of(flags);
    };
    const init = (rowsOf: Readonly<Record<string, number>>): Record<string, number> =>
      Object.fromEntries(Object.entries(rowsOf).map(([name, row]) => [name, types.indexOf(this.#graph.typeOf(row))]));
    const tasks = kept.map((t): DraftTask => {
      const task = index.tasks[t];
      return {
        from: task,
        relation: relations.indexOf(task.relation),
        quanta: setOf(task.relation, chosen.get(t) as Uint32Array),
        inputs: edges(task.inputs),
        outputs: edges(task.outputs),
        initInputs: init(task.initInputs),
        initOutputs: init(task.initOutputs),
      };
    });
    const needs = new Map<number, number>();
    const draftTypes = types.map((ty): DraftType => {
      const type = index.datasetTypes[ty];
      const producer = type.producer === undefined ? -1 : kept.indexOf(type.producer.task);
      const list = picked.get(type.relation) as Uint32Array;
      const exists = this.#existence(part, ty, kept, needs);
      return {
        ...{ name: type.name, dimensions: type.dimensions, storageClass: type.storageClass },
        isCalibration: type.isCalibration,
        relation: relations.indexOf(type.relation),
        datasets: setOf(type.relation, used.get(ty) as Uint32Array),
        exists: (row, writer) => exists(list[row], writer),
        producer: producer < 0 ? undefined : { task: producer, output: (type.producer as { output: number }).output },
      };
    });
    const draft: Draft = {
      id: this.#identities[part].id,
      header: this.#identities[part].header,
      relations: relations.map((r) => {
        const { names, required } = index.relations[r];
        const list = picked.get(r) as Uint32Array;
        const codes = names.map((name) => [name, take(parts.column(`relation/${r}/${name}`) as Uint32Array, list)]);
        return { names, required, rows: list.length, codes: Object.fromEntries(codes) };
      }),
      tasks,
      types: draftTypes,
      values: new Map(index.dimensions.map((name) => [name, parts.values(name)])),
      records: [],
      report: derivedReport(this.#graph.report, tasks),
    };
    draft.records = this.#records(draft);
    const graph = finish(draft);
    this.#remember(part, graph, types, used);
    for (const [r, list] of picked) {
      const finalOf = this.#finalRows(r);
      for (const row of list) finalOf[row] = noRow;
    }
    if (needs.size === 0) return graph;
    const named = [...needs]
      .sort(([a], [b]) => a - b)
      .map(([other, datasets]) => {
        const { id, name, header } = this.#identities[other];
        return { part: name, graph: id, run: header.outputRun, datasets };
      });
    const { header } = graph.index;
    graph.index.header = { ...header, part: header.part === undefined ? undefined : { ...header.part, needs: named } };
    return graph;
  }

  /** By task, the rows of its relation that are quanta of the part. */
  #chosenRows(part: number): Map<number, Uint32Array> {
    const { index, edges } = this.#graph;
    const all = this.#assignment.quanta[part];
    const chosen = new Map<number, Uint32Array>();
    let at = 0;
    for (const [t, { firstQuantum, quantumCount }] of index.tasks.entries()) {
      const begin = at;
      while (at < all.length && all[at] < firstQuantum + quantumCount) at++;
      if (at === begin) continue;
      const quanta = edges.quantaOf(t);
      chosen.set(
        t,
        all.subarray(begin, at).map((quantum) => quanta.select(quantum - firstQuantum)),
      );
    }
    return chosen;
  }

  /** By type, the rows of its relation that an edge of the part touches, ascending; init datasets of its tasks too. */
  #usedDatasets(chosen: ReadonlyMap<number, Uint32Array>, kept: readonly number[]): Map<number, Uint32Array> {
    const { index, edges } = this.#graph;
    const used = new Map<number, Uint32Array[]>();
    for (const t of kept) {
      const task = index.tasks[t];
      for (const { type, link } of [...task.inputs, ...task.outputs]) {
        const found = growingU32();
        const datasets = edges.datasetsOf(type);
        const columns = this.#link(link);
        for (const row of chosen.get(t) as Uint32Array)
          for (let i = columns.begin(row), end = columns.end(row); i < end; i++) {
            const to = columns.at(i);
            if (to !== noRow && datasets.has(to)) found.push(to);
          }
        push(used, type, found.take());
      }
      for (const row of [...Object.values(task.initInputs), ...Object.values(task.initOutputs)])
        push(used, this.#graph.typeOf(row), Uint32Array.of(0));
    }
    for (const type of unreferenced(this.#graph)) push(used, type, Uint32Array.of(0));
    return new Map(
      [...used].map(([type, lists]) => [type, union(lists, this.#marksOf(index.datasetTypes[type].relation))]),
    );
  }

  /**
   * Whether a dataset stands as existing in the part: it did in the whole, or another part makes it. What the part itself makes
   * is predicted, and under a new id where the whole had one for its own run.
   */
  #existence(part: number, ty: number, kept: readonly number[], needs: Map<number, number>): DraftType['exists'] {
    const graph = this.#graph;
    const { index, edges } = graph;
    const { firstDataset } = index.datasetTypes[ty];
    const existing = existingNumbers(graph, ty);
    const datasets = edges.datasetsOf(ty);
    const madeHere =
      unreferenced(graph).includes(ty) ||
      kept.some((t) => Object.values(index.tasks[t].initOutputs).includes(firstDataset));
    const isInit = initTypes(graph).has(ty);
    return (row, writer) => {
      const known = existing(row);
      const quantum = edges.producer(ty, row);
      const maker = quantum === undefined ? undefined : this.#assignment.partOf[quantum];
      if (known !== undefined && ((maker === undefined && !madeHere) || hasFiles(graph, known))) {
        writer.copy(graph, known);
        return true;
      }
      const other = isInit ? (madeHere ? part : this.#initPart.get(ty)) : maker;
      if (other === undefined || other === part) return false;
      const { id, header } = this.#identities[other];
      writer.pending(rowUuid(id, 'dataset', this.#rowInPart[firstDataset + datasets.rank(row)]), header.outputRun);
      needs.set(other, (needs.get(other) ?? 0) + 1);
      return true;
    };
  }

  /** Keeps the rows that the part's own datasets have there, for the parts that read them. */
  #remember(part: number, graph: ColumnGraph, types: readonly number[], used: ReadonlyMap<number, Uint32Array>): void {
    const { index, edges } = this.#graph;
    for (const [k, ty] of types.entries()) {
      const { firstDataset, producer } = index.datasetTypes[ty];
      const { firstDataset: first, existing } = graph.index.datasetTypes[k];
      if (existing === 'all') continue;
      if (initTypes(this.#graph).has(ty)) {
        if (!this.#initPart.has(ty)) this.#initPart.set(ty, part);
        this.#rowInPart[firstDataset] = this.#initPart.get(ty) === part ? first : this.#rowInPart[firstDataset];
      } else if (producer !== undefined) {
        const datasets = edges.datasetsOf(ty);
        const list = used.get(ty) as Uint32Array;
        for (let place = 0; place < list.length; place++) {
          const quantum = edges.producer(ty, list[place]);
          if (quantum !== undefined && this.#assignment.partOf[quantum] === part)
            this.#rowInPart[firstDataset + datasets.rank(list[place])] = first + place;
        }
      }
    }
  }

  /** The records whose every key occurs among the part's rows. */
  #records({ relations }: Draft): Draft['records'] {
    const { index, parts } = this.#graph;
    const seen = new Map<string, Uint8Array>();
    for (const { codes } of relations)
      for (const [name, column] of Object.entries(codes)) {
        const flags = seen.get(name) ?? new Uint8Array(parts.values(name).length);
        for (const code of column) flags[code] = 1;
        seen.set(name, flags);
      }
    return index.records.map(({ element, dimensions }) => {
      const keys = dimensions.map((name) => parts.column(`record/${element}/${name}`) as Uint32Array);
      const rows = [...parts.records(element).keys()].filter((row) =>
        dimensions.every((name, k) => seen.get(name)?.[keys[k][row]] === 1),
      );
      const list = parts.records(element);
      return {
        ...{ element, dimensions },
        keys: keys.map((codes) => take(codes, Uint32Array.from(rows))),
        list: rows.map((row) => list[row]),
      };
    });
  }

  #link(link: number): Link {
    let found = this.#links.get(link);
    if (found === undefined) {
      found = linkOf(this.#graph, link);
      this.#links.set(link, found);
    }
    return found;
  }

  #finalRows(relation: number): Uint32Array {
    let rows = this.#finalOf.get(relation);
    if (rows === undefined) {
      rows = new Uint32Array(this.#graph.index.relations[relation].rows).fill(noRow);
      this.#finalOf.set(relation, rows);
    }
    return rows;
  }

  #marksOf(relation: number): Uint8Array {
    let marks = this.#marks.get(relation);
    if (marks === undefined) {
      marks = new Uint8Array(this.#graph.index.relations[relation].rows);
      this.#marks.set(relation, marks);
    }
    return marks;
  }
}

/** Dataset types that are written once a run. */
function initTypes(graph: ColumnGraph): Set<number> {
  const rows = graph.tasks.flatMap((task) => Object.values(task.initOutputs));
  return new Set([...rows.map((row) => graph.typeOf(row)), ...unreferenced(graph)]);
}

/** Types of a run as a whole (the versions of the software): no task names them. */
function unreferenced({ index }: ColumnGraph): number[] {
  const named = new Set<number>();
  for (const task of index.tasks) for (const { type } of [...task.inputs, ...task.outputs]) named.add(type);
  const init = new Set(
    index.tasks.flatMap((task) => [...Object.values(task.initInputs), ...Object.values(task.initOutputs)]),
  );
  return [...index.datasetTypes.keys()].filter((type) => {
    const { firstDataset, datasetCount } = index.datasetTypes[type];
    return datasetCount === 1 && !named.has(type) && !init.has(firstDataset);
  });
}

function cutLink(link: Link, picked: Uint32Array, finalOf: Uint32Array, sameRelation: boolean): Link {
  if (link.kind === 'same' && sameRelation) return link;
  if (link.offsets === undefined) {
    const items = new Uint32Array(picked.length);
    for (let k = 0; k < picked.length; k++) {
      const to = link.at(picked[k]);
      items[k] = to === noRow ? noRow : finalOf[to];
    }
    return Link.map(items);
  }
  const offsets = new Uint32Array(picked.length + 1);
  const items = growingU32();
  for (let k = 0; k < picked.length; k++) {
    for (let i = link.begin(picked[k]), end = link.end(picked[k]); i < end; i++) {
      const to = link.at(i);
      if (to !== noRow && finalOf[to] !== noRow) items.push(finalOf[to]);
    }
    offsets[k + 1] = items.length;
  }
  return Link.lists(offsets, items.take());
}

/** All rows of the lists, each once, ascending. The marks are clean before and after. */
function union(lists: readonly Uint32Array[], marks: Uint8Array): Uint32Array {
  const found = growingU32();
  for (const list of lists)
    for (const row of list)
      if (marks[row] === 0) {
        marks[row] = 1;
        found.push(row);
      }
  const rows = found.take().sort();
  for (const row of rows) marks[row] = 0;
  return rows;
}

function push<K>(lists: Map<K, Uint32Array[]>, key: K, list: Uint32Array): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [list]);
  else known.push(list);
}
