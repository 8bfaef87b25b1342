// SPDX-License-Identifier: BSD-3-Clause
import type { CollectionInfo } from '../types.ts';

/** Collections in an order in which each chain comes after those of its members that are among them; else by name. */
export function orderCollections(collections: readonly CollectionInfo[]): CollectionInfo[] {
  const byName = new Map(collections.map((info) => [info.name, info]));
  const sorted = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const out = new Map<string, CollectionInfo>();
  for (const info of sorted) if (info.type !== 'CHAINED') out.set(info.name, info);
  const visit = (info: CollectionInfo): void => {
    if (out.has(info.name)) return;
    for (const child of info.children ?? []) {
      const member = byName.get(child);
      if (member !== undefined) visit(member);
    }
    out.set(info.name, info);
  };
  for (const info of sorted) visit(info);
  return [...out.values()];
}
