// SPDX-License-Identifier: BSD-3-Clause
import type { ByteSink } from '../datastore/byte-store.ts';
import type { Held } from '../datastore/memory/held.ts';
import type { DatasetRef } from '../types.ts';

/** A dataset's file as a reader sees it. */
export interface FormatterFile {
  /** Absolute path of a local file; of one that is not, its URL, for messages. */
  readonly path: string;
  /** There is no local file: only {@link read} gives its bytes. */
  readonly isRemote?: boolean;
  /** Where in that file the dataset is, if it is not all of it (a member of an archive): bytes `[start, end)`. */
  readonly window?: { readonly start: number; readonly end: number };
  readonly sizeBytes: number;
  /** Bytes of the range `[start, end)`, or all. Counted. */
  read(range?: { start: number; end: number }): Promise<Uint8Array>;
  /** Counts bytes that the reader took from the file by itself. */
  countRead(bytes: number): void;
}

export interface ReadContext {
  /** Repository root: readers of raw files find the instrument definition there. */
  root: string;
  ref: DatasetRef;
  storageClass: string;
  component?: string;
  parameters: Readonly<Record<string, unknown>>;
}

export interface WriteContext {
  ref: DatasetRef;
  storageClass: string;
  /** Write parameters of the repository's configuration. */
  parameters?: Readonly<Record<string, unknown>>;
}

/** Turns objects of some storage classes into bytes and back, whole or in parts. Holds no state. */
export interface Formatter {
  /** Of new files, with its dot. */
  readonly extension: string;
  /** It opens `path` by itself and does not know of `window`: members of archives are unpacked for it. */
  readonly needsWholeFile?: boolean;
  read(file: FormatterFile, context: ReadContext): Promise<unknown>;
  /** Writes front to back. Absent: files of this kind can only be read (raw data). */
  write?(object: unknown, sink: ByteSink, context: WriteContext): Promise<void> | void;
  /**
   * Takes an object over, to be handed out without going through bytes: one that a reader gave (`read`), or one that was or could be written, of
   * which readers get what they would get of its file. Undefined: only the bytes tell that. Absent: never possible.
   */
  hold?(object: unknown, from: 'read' | 'written', context: WriteContext): Promise<Held | undefined>;
}

const formatters = new Map<string, Formatter>();

/**
 * Makes a formatter known under the name that file records keep (a Python class path where the peer has such a class).
 * With storage classes, it serves only those under that name and goes before one registered without.
 */
export function registerFormatter(name: string, formatter: Formatter, storageClasses?: readonly string[]): void {
  if (storageClasses === undefined) formatters.set(name, formatter);
  else for (const storageClass of storageClasses) formatters.set(`${name}\u0000${storageClass}`, formatter);
}

/** The formatter of that name for a storage class, if there is one. */
export function findFormatter(name: string, storageClass: string): Formatter | undefined {
  return formatters.get(`${name}\u0000${storageClass}`) ?? formatters.get(name);
}

/** A formatter whose code is loaded when a dataset is first read or written with it: most commands touch none. `holds`: it can {@link Formatter.hold}. */
export function lazyFormatter(extension: string, load: () => Promise<Formatter>, holds = false): Formatter {
  let loaded: Formatter | undefined;
  const get = async (): Promise<Formatter> => {
    loaded ??= await load();
    return loaded;
  };
  return {
    extension,
    read: async (file, context) => (await get()).read(file, context),
    write: async (object, sink, context) => (await get()).write!(object, sink, context),
    ...(holds && { hold: async (object, from, context) => (await get()).hold?.(object, from, context) }),
  };
}
