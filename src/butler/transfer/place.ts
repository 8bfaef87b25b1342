// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../base/index.ts';
import type { LinkKind, StagedFile } from '../datastore/byte-store.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { directPath, relativeTo } from '../datastore/paths.ts';
import { pour } from '../datastore/posix/posix-store.ts';
import { onSuccess } from '../datastore/scope.ts';
import { butlerErrors } from '../errors.ts';
import type { TransferMode } from '../types.ts';

/** How a file will come into the datastore: nothing is in its place before `commit`, and `undo` takes a commit back. */
export interface Placement {
  /** For the file record. */
  path: string;
  sizeBytes: number;
  checksum: string | null;
  /** The file stays where it is: several datasets, also of other runs, may share it. */
  inPlace: boolean;
  commit(): Promise<void>;
  undo(): Promise<void>;
}

/**
 * Prepares the transfer of one file. `target`: path in the datastore by the template, asked for only if the file gets a new place.
 * `auto` leaves files inside the datastore where they are and copies others; `split` leaves both kinds where they are; `link`
 * makes a hard link, or a symbolic one across file systems.
 */
export async function placeFile(
  datastore: FileDatastore,
  source: string,
  mode: TransferMode,
  target: () => string,
  knownSizeBytes?: number,
): Promise<Placement> {
  const sizeBytes = knownSizeBytes ?? (await datastore.store.stat(source))?.sizeBytes;
  if (sizeBytes === undefined) throw butlerErrors.FILE_UNREADABLE({ path: source, reason: 'there is no such file' });
  const inside = relativeTo(datastore.root, source);
  const inPlace = (path: string): Placement => placedAlready(path, sizeBytes);
  if (inside !== undefined && (mode === 'auto' || mode === 'split')) return inPlace(inside);
  if (mode === 'direct' || mode === 'split') return inPlace(directPath(source));
  const path = target();
  const absolute = datastore.absolute({ path });
  if (absolute === source) return inPlace(path);
  switch (mode) {
    case 'auto':
    case 'copy':
      return fromStaged(datastore, path, await datastore.store.stage(absolute, (sink) => pour(source, sink)));
    case 'move':
      return moved(datastore, path, source);
    case 'link':
      return fromStaged(datastore, path, await stageAnyLink(datastore, absolute, source));
    default:
      return fromStaged(datastore, path, await datastore.store.stageLink(absolute, source, mode));
  }
}

/** Of a file that is where it shall be. */
export function placedAlready(path: string, sizeBytes: number): Placement {
  return { path, sizeBytes, checksum: null, inPlace: true, commit: nothing, undo: nothing };
}

async function nothing(): Promise<void> {}

async function stageAnyLink(datastore: FileDatastore, target: string, source: string): Promise<StagedFile> {
  const attempt = (kind: LinkKind): Promise<StagedFile> => datastore.store.stageLink(target, source, kind);
  try {
    return await attempt('hardlink');
  } catch (error) {
    if (!isLinkRefusal(error)) throw error;
    return attempt('symlink');
  }
}

function fromStaged(datastore: FileDatastore, path: string, staged: StagedFile): Placement {
  let committed = false;
  return {
    path,
    inPlace: false,
    ...staged.report,
    async commit() {
      await staged.commit();
      committed = true;
    },
    async undo() {
      if (committed) await datastore.store.remove(datastore.absolute({ path }));
      else await staged.discard();
    },
  };
}

/**
 * A move that a crash cannot turn into a loss: the file gets its second name (or a copy, on another file system) as links and copies
 * do, and its first one goes when the registry has the dataset.
 */
async function moved(datastore: FileDatastore, path: string, source: string): Promise<Placement> {
  const { store } = datastore;
  const target = datastore.absolute({ path });
  const placement = fromStaged(datastore, path, await stageSecondName(datastore, target, source));
  return {
    ...placement,
    async commit() {
      await placement.commit();
      await onSuccess(() => store.remove(source));
    },
  };
}

async function stageSecondName(datastore: FileDatastore, target: string, source: string): Promise<StagedFile> {
  try {
    return await datastore.store.stageLink(target, source, 'hardlink');
  } catch (error) {
    if (!isLinkRefusal(error)) throw error;
    return datastore.store.stage(target, (sink) => pour(source, sink));
  }
}

/** The file system, not the file, is why there can be no hard link. */
function isLinkRefusal(error: unknown): boolean {
  const code = error instanceof SkymillError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
  return code === 'EXDEV' || code === 'EPERM' || code === 'EMLINK' || code === 'ENOTSUP';
}
