// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { Link } from '../columns/link.ts';

/** A link of a graph with its columns read. */
export function linkOf({ index, parts }: ColumnGraph, link: number): Link {
  const { kind } = index.links[link];
  if (kind === 'same') return Link.same;
  const items = parts.column(`link/${link}/items`) as Uint32Array;
  return kind === 'map' ? Link.map(items) : Link.lists(parts.column(`link/${link}/offsets`) as Uint32Array, items);
}
