// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { KeyIndex } from '../columns/key-index.ts';
import { noRow } from '../columns/link.ts';
import { existingId, presentNumbers } from '../derive/existing-writer.ts';

/**
 * Finds the rows of one graph in another. Values are compared through their dictionaries, rows as codes: a hash of columns, no
 * object a row.
 */
export class Matcher {
  readonly #a: ColumnGraph;
  readonly #b: ColumnGraph;
  readonly #codes = new Map<string, Uint32Array>();
  readonly #rows = new Map<string, Uint32Array>();
  readonly #datasets = new Map<number, Uint32Array>();

  constructor(a: ColumnGraph, b: ColumnGraph) {
    this.#a = a;
    this.#b = b;
  }

  /** For each row of relation `rb` of B the row of relation `ra` of A with the same required values, or {@link noRow}. */
  rows(ra: number, rb: number): Uint32Array {
    const key = `${ra}:${rb}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const [left, right] = [this.#a.index.relations[ra], this.#b.index.relations[rb]];
    const columns = left.required.map((name) => ({
      values: this.#a.parts.column(`relation/${ra}/${name}`) as Uint32Array,
      cardinality: this.#a.parts.values(name).length,
    }));
    const found = new Uint32Array(right.rows).fill(noRow);
    if (left.required.join() === right.required.join()) {
      const index = new KeyIndex(columns, left.rows);
      const codes = right.required.map((name) => this.#b.parts.column(`relation/${rb}/${name}`) as Uint32Array);
      const translate = right.required.map((name) => this.#translation(name));
      for (let row = 0; row < right.rows; row++) found[row] = index.find((k) => translate[k][codes[k][row]]);
    }
    this.#rows.set(key, found);
    return found;
  }

  /**
   * For each dataset of type `tb` of B, by its row there, the row of the same dataset among those of type `ta` of A: of existing
   * ones the one with the same id, of predicted ones the one with the same data ID.
   */
  datasets(ta: number, tb: number): Uint32Array {
    const known = this.#datasets.get(tb);
    if (known !== undefined) return known;
    const [left, right] = [this.#a.index.datasetTypes[ta], this.#b.index.datasetTypes[tb]];
    const byDataId = this.rows(left.relation, right.relation);
    const [inA, inB] = [this.#a.edges.datasetsOf(ta), this.#b.edges.datasetsOf(tb)];
    const [existsA, existsB] = [presentNumbers(this.#a, ta), presentNumbers(this.#b, tb)];
    const found = new Uint32Array(byDataId.length).fill(noRow);
    for (let row = 0; row < found.length; row++) {
      if (!inB.has(row)) continue;
      const existing = existsB(row);
      const candidate = byDataId[row];
      if (existing === undefined) {
        if (candidate !== noRow && inA.has(candidate) && existsA(candidate) === undefined) found[row] = candidate;
        continue;
      }
      const id = existingId(this.#b, existing);
      if (candidate !== noRow && inA.has(candidate)) {
        const there = existsA(candidate);
        if (there !== undefined && existingId(this.#a, there) === id) {
          found[row] = candidate;
          continue;
        }
      }
      // Several existing datasets may have one data ID (calibrations): the id decides.
      const dataset = this.#a.datasetByUuid(id);
      if (dataset !== undefined && this.#a.typeOf(dataset) === ta) found[row] = inA.select(dataset - left.firstDataset);
    }
    this.#datasets.set(tb, found);
    return found;
  }

  /** Codes of B's values of a dimension among those of A. */
  #translation(name: string): Uint32Array {
    let codes = this.#codes.get(name);
    if (codes === undefined) {
      const known = new Map<DataIdValue, number>(this.#a.parts.values(name).map((value, code) => [value, code]));
      codes = Uint32Array.from(this.#b.parts.values(name), (value) => known.get(value) ?? noRow);
      this.#codes.set(name, codes);
    }
    return codes;
  }
}
