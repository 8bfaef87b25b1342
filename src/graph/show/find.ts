// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';

/**
 * The quanta that a text means: a row number, a UUID (of a quantum, or of a dataset: then its producer), or a task label with
 * data-ID values (`isr exposure=42 detector=3`). Values are compared as codes, column by column. At most `limit` rows.
 */
export function findQuanta(graph: ColumnGraph, text: string, limit = 20): number[] {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) {
    if (Number(trimmed) < graph.quantumCount) return [Number(trimmed)];
    throw graphErrors.UNKNOWN_QUANTUM({ quantum: trimmed, count: graph.quantumCount });
  }
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(trimmed)) return [byUuid(graph, trimmed.toLowerCase())];
  const [label, ...pairs] = trimmed.split(/[\s,]+/);
  const t = graph.tasks.findIndex((task) => task.label === label);
  if (t < 0) {
    const labels = graph.tasks.map((task) => task.label);
    throw graphErrors.UNKNOWN_TASK({ label, hint: didYouMean(label, labels), known: labels.join(', ') });
  }
  const { relation, firstQuantum } = graph.index.tasks[t];
  const wanted = pairs.map((pair) => codeOf(graph, label, relation, pair));
  const found: number[] = [];
  const quanta = graph.edges.quantaOf(t);
  for (let row = 0; row < quanta.size && found.length < limit; row++)
    if (wanted.every(({ codes, code }) => codes[row] === code) && quanta.has(row))
      found.push(firstQuantum + quanta.rank(row));
  return found;
}

function byUuid(graph: ColumnGraph, uuid: string): number {
  const quantum = graph.quantumByUuid(uuid);
  if (quantum !== undefined) return quantum;
  const dataset = graph.datasetByUuid(uuid);
  const producer = dataset === undefined ? undefined : graph.dataset(dataset).producer;
  if (producer !== undefined) return producer;
  throw graphErrors.UNKNOWN_QUANTUM({ quantum: uuid, count: graph.quantumCount });
}

function codeOf(graph: ColumnGraph, label: string, relation: number, pair: string) {
  const [, dimension, text] = /^([^=]+)=(.*)$/.exec(pair) ?? ['', pair, ''];
  const { names } = graph.index.relations[relation];
  if (!names.includes(dimension))
    throw graphErrors.NOT_OF_TASK({ label, dimension, hint: didYouMean(dimension, names), known: names.join(', ') });
  const value = text.replace(/^'(.*)'$/, '$1');
  return {
    codes: graph.parts.column(`relation/${relation}/${dimension}`),
    code: graph.parts.values(dimension).findIndex((one) => String(one) === value),
  };
}
