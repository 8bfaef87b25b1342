// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import type { CollectionRow, CollectionStore } from '../registry/collections.ts';
import type { Registry } from '../registry/registry.ts';

/** Who edits a chain reads it first: nobody else may change it (or close a circle through another chain) in between. */
const exclusive = { repeatable: true, lock: ['collection_chain'] };

/** Replaces the members of a chain. What comes twice keeps its first place. */
export async function setChain(registry: Registry, parent: string, children: readonly string[]): Promise<void> {
  await editChain(registry, parent, () => children);
}

/** Puts collections before the members of a chain, which is made if there is none. */
export async function prependToChain(registry: Registry, parent: string, children: readonly string[]): Promise<void> {
  await registry.db.transaction(async () => {
    await registry.collections.register(parent, 'CHAINED');
    await editChain(registry, parent, (present) => [
      ...children,
      ...present.filter((name) => !children.includes(name)),
    ]);
  }, exclusive);
}

/** Puts collections behind the members of a chain, which is made if there is none. */
export async function extendChain(registry: Registry, parent: string, children: readonly string[]): Promise<void> {
  await registry.db.transaction(async () => {
    await registry.collections.register(parent, 'CHAINED');
    await editChain(registry, parent, (present) => [
      ...present.filter((name) => !children.includes(name)),
      ...children,
    ]);
  }, exclusive);
}

/** Takes members out of a chain. */
export async function removeFromChain(registry: Registry, parent: string, children: readonly string[]): Promise<void> {
  await editChain(registry, parent, (present) => {
    for (const child of children) {
      if (present.includes(child)) continue;
      throw butlerErrors.NOT_IN_CHAIN({ parent, child, hint: didYouMean(child, present) });
    }
    return present.filter((name) => !children.includes(name));
  });
}

/** Reads, changes and writes a chain as one step. */
async function editChain(
  registry: Registry,
  parent: string,
  edit: (present: readonly string[]) => readonly string[],
): Promise<void> {
  const { collections, db } = registry;
  await db.transaction(async () => {
    const chain = await collections.get(parent, ['CHAINED']);
    const names = [...new Set(edit((await collections.info(parent)).children ?? []))];
    const rows = await collections.getMany(names);
    await refuseCycle(collections, chain, rows);
    await collections.setMembers(chain, rows);
  }, exclusive);
}

async function refuseCycle(store: CollectionStore, chain: CollectionRow, children: readonly CollectionRow[]) {
  for (const child of children) {
    if (child.type !== 'CHAINED') continue;
    const reachable = await store.resolve([child.name], { keepChains: true });
    if (reachable.some((member) => member.id === chain.id)) {
      throw butlerErrors.CHAIN_CYCLE({ parent: chain.name, child: child.name });
    }
  }
}
