// SPDX-License-Identifier: BSD-3-Clause
/** Byte operations of a storage system. Everything a datastore does to files goes through these. Paths are absolute in that system. */
export interface ByteStore {
  /** Size, or undefined if there is no such file. */
  stat(path: string): Promise<{ sizeBytes: number } | undefined>;
  /** Bytes of a file, or of the range `[start, end)` of it. */
  read(path: string, range?: { start: number; end: number }): Promise<Uint8Array>;
  /** The first half of {@link writeAtomic}: the bytes are safe in a scratch file, and nothing is at `path` before `commit`. */
  stage(path: string, produce: (sink: ByteSink) => Promise<void> | void, options?: StageOptions): Promise<StagedFile>;
  /** As {@link stage}, with a link to an existing file instead of bytes. */
  stageLink(path: string, source: string, kind: LinkKind): Promise<StagedFile>;
  /**
   * Writes a file whole or not at all: `produce` writes to a scratch file of the same file system, front to back;
   * then it is synced, renamed to `path` (replacing what is there), and the folder is synced.
   */
  writeAtomic(path: string, produce: (sink: ByteSink) => Promise<void> | void): Promise<WriteReport>;
  /** Renames within the file system; copies and deletes across file systems. */
  move(from: string, to: string): Promise<void>;
  /** Copies, whole or not at all. */
  copy(from: string, to: string): Promise<WriteReport>;
  remove(path: string): Promise<boolean>;
  /** Paths of all files under a folder. */
  list(folder: string): AsyncIterable<string>;
}

/** Takes bytes in order. They are used before the call returns: the caller may reuse its buffer. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
}

export interface WriteReport {
  sizeBytes: number;
  /** Hexadecimal BLAKE2b (64 bytes) of the content, made while it streamed by (the digest that Gen3 records keep); null for links. */
  checksum: string | null;
}

export type LinkKind = 'hardlink' | 'symlink' | 'relsymlink';

export interface StageOptions {
  /**
   * The bytes are synced by `commit`, after the rename and together with it: half the syncs. For new files that nobody knows of before
   * `commit` has returned, for a power cut in the middle may leave a short file in the place.
   */
  syncLast?: boolean;
  /** `stage` does not wait for the disk; {@link StagedFile.sync} does, so that many files can wait beside each other and beside other work. */
  syncLater?: boolean;
}

/** A file that is written but not yet in its place. */
export interface StagedFile {
  readonly report: WriteReport;
  /** Renames it to its place, replacing what is there. */
  commit(): Promise<void>;
  /** With `syncLater`: waits until the bytes are on the disk. */
  sync(): Promise<void>;
  /**
   * After {@link sync}: renames it to its place, as `commit` does, but does not sync the folder.
   * @returns the folders to be given to `syncFolders` before anybody is told of the file
   */
  place(): Promise<readonly string[]>;
  /** Takes a commit back, as long as nobody knows of the file: it can be committed again. */
  revert(): Promise<void>;
  discard(): Promise<void>;
}
