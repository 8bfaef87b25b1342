// SPDX-License-Identifier: BSD-3-Clause
import { PagedColumn } from '../paged/column.ts';
import type { PagePool } from '../paged/pool.ts';
import type { ExistingDatasets } from './existing.ts';

/** Bytes of an id while a part is put in order. */
const idBytes = 32;
/** Ids are divided by their first 16 bits, then by the next. */
const buckets = 65_536;

/**
 * Places of datasets in the order of their ids: a part of the ids at a time, as many as fit into the memory of one step, by their first bits
 * as numbers; only ids that agree in 52 bits are compared as a whole.
 */
export function idOrder(pool: PagePool, existing: ExistingDatasets, rows: PagedColumn): PagedColumn {
  const order = new PagedColumn(pool);
  const room = pool.room(idBytes);
  divide(existing, rows, 0, 2 ** 52, rows.length, room, (low, high, count) => {
    const heads = new Float64Array(count);
    const places = new Uint32Array(count);
    let at = 0;
    for (let place = 0; place < rows.length; place++) {
      const head = existing.head(rows.at(place));
      if (head < low || head >= high) continue;
      heads[at] = head;
      places[at++] = place;
    }
    order.append(sorted(existing, rows, heads, places));
  });
  return order;
}

function divide(
  existing: ExistingDatasets,
  rows: PagedColumn,
  low: number,
  high: number,
  count: number,
  room: number,
  add: (low: number, high: number, count: number) => void,
): void {
  if (count === 0) return;
  if (count <= room || high - low <= 1) {
    add(low, high, count);
    return;
  }
  const width = Math.ceil((high - low) / buckets);
  const counts = new Uint32Array(Math.ceil((high - low) / width));
  for (let place = 0; place < rows.length; place++) {
    const head = existing.head(rows.at(place));
    if (head >= low && head < high) counts[Math.floor((head - low) / width)]++;
  }
  let [first, sum] = [0, 0];
  for (let bucket = 0; bucket <= counts.length; bucket++) {
    if (bucket < counts.length && (sum === 0 || sum + counts[bucket] <= room)) sum += counts[bucket];
    else {
      divide(existing, rows, low + first * width, Math.min(high, low + bucket * width), sum, room, add);
      [first, sum] = [bucket, counts[bucket] ?? 0];
    }
  }
}

function sorted(existing: ExistingDatasets, rows: PagedColumn, heads: Float64Array, places: Uint32Array): Uint32Array {
  const order = Uint32Array.from(places.keys());
  order.sort((a, b) => heads[a] - heads[b] || existing.compare(rows.at(places[a]), rows.at(places[b])));
  for (let k = 0; k < order.length; k++) order[k] = places[order[k]];
  return order;
}
