// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';
import type { Registry } from '../registry/registry.ts';
import type { Placement } from './place.ts';

/**
 * To be called in the transaction in which files come into their places, before they do. A template that leaves out part of the data
 * ID gives two files one place: neither may take it from the other. What waits there to be deleted is forgotten.
 */
export async function claimPaths(
  registry: Registry,
  placements: readonly Placement[],
  sourceOf: (index: number) => string,
): Promise<void> {
  await registry.trash.giveUpPlaces(placements.filter(({ inPlace }) => !inPlace).map(({ path }) => path));
  const owners = await registry.files.owners([...new Set(placements.map(({ path }) => path))], { live: true });
  const sources = new Map<string, string>();
  placements.forEach(({ path, inPlace }, i) => {
    if (inPlace) return;
    const source = sourceOf(i);
    const id = owners.get(path);
    const twin = sources.get(path);
    if (id !== undefined) throw butlerErrors.FILE_EXISTS({ path, source: `${source} (dataset ${id} uses it)` });
    if (twin !== undefined && twin !== source)
      throw butlerErrors.FILE_EXISTS({ path, source: `${source} (${twin} goes there)` });
    sources.set(path, source);
  });
}
