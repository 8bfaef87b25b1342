// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { link, open, opendir, stat, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { butlerErrors } from '../../errors.ts';
import type { ByteSink, ByteStore, LinkKind, StagedFile, StageOptions, WriteReport } from '../byte-store.ts';
import { fileError, isMissing } from './errors.ts';
import { fileSystemAt, makeFolders, sync, syncPath } from './folders.ts';

/** Small writes are gathered to this size, so that a file costs about one call a mebibyte. */
const bufferBytes = 1 << 20;
let scratchCounter = 0;

/** Files of a POSIX file system. */
export class PosixStore implements ByteStore {
  async stat(path: string): Promise<{ sizeBytes: number } | undefined> {
    try {
      if (fileSystemAt(dirname(path)).local) {
        const found = statSync(path, { throwIfNoEntry: false });
        return found === undefined ? undefined : { sizeBytes: found.size };
      }
      return { sizeBytes: (await stat(path)).size };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileError(error, path, 'read');
    }
  }

  async read(path: string, range?: { start: number; end: number }): Promise<Uint8Array> {
    try {
      const small = range === undefined && fileSystemAt(dirname(path)).local ? readSmall(path) : undefined;
      if (small !== undefined) return small;
      await using file = await open(path, 'r');
      const start = range?.start ?? 0;
      const end = range?.end ?? (await file.stat()).size;
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === bytes.length ? bytes : bytes.subarray(0, filled);
    } catch (error) {
      throw fileError(error, path, 'read');
    }
  }

  async stage(
    path: string,
    produce: (sink: ByteSink) => Promise<void> | void,
    { syncLast = false, syncLater = false }: StageOptions = {},
  ): Promise<StagedFile> {
    const scratch = scratchPath(path);
    let sink: FileSink | undefined;
    try {
      // Most folders are there: asking for each would cost more than being wrong about a few.
      sink = FileSink.openIn(scratch);
      const folders = sink === undefined ? makeFolders(dirname(path)) : undefined;
      sink ??= new FileSink(scratch);
      await produce(sink);
      if (syncLater) return new UnsyncedFile(scratch, path, sink.end(), sink, folders);
      const report = await sink.finish(!syncLast);
      await folders;
      return new Staged(scratch, path, report, syncLast);
    } catch (error) {
      if (sink !== undefined) discard(sink, scratch);
      throw fileError(error, path, 'write');
    }
  }

  async stageLink(path: string, source: string, kind: LinkKind): Promise<StagedFile> {
    const scratch = scratchPath(path);
    try {
      await makeFolders(dirname(path));
      const { size } = await stat(source);
      if (kind === 'hardlink') await link(source, scratch);
      else await symlink(kind === 'symlink' ? resolve(source) : relative(dirname(path), source), scratch);
      return new Staged(scratch, path, { sizeBytes: size, checksum: null });
    } catch (error) {
      throw fileError(error, path, 'write');
    }
  }

  async writeAtomic(path: string, produce: (sink: ByteSink) => Promise<void> | void): Promise<WriteReport> {
    const staged = await this.stage(path, produce);
    await staged.commit();
    return staged.report;
  }

  async move(from: string, to: string): Promise<void> {
    try {
      await makeFolders(dirname(to));
      renameSync(from, to);
      await syncPath(dirname(to));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw fileError(error, to, 'write');
      await this.copy(from, to);
      await this.remove(from);
    }
  }

  async copy(from: string, to: string): Promise<WriteReport> {
    const staged = await this.stage(to, (sink) => pour(from, sink));
    await staged.commit();
    return staged.report;
  }

  async remove(path: string): Promise<boolean> {
    try {
      await unlink(path);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw fileError(error, path, 'write');
    }
  }

  async *list(folder: string): AsyncIterable<string> {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* this.list(path);
      else yield path;
    }
  }
}

/** Larger files are read beside other work. */
const smallBytes = 1 << 16;

/** A small local file is read in five microseconds; going through other threads takes two hundred. Undefined for a large one. */
function readSmall(path: string): Uint8Array | undefined {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    if (size > smallBytes) return undefined;
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const n = readSync(fd, bytes, filled, size - filled, filled);
      if (n === 0) break;
      filled += n;
    }
    return filled === size ? bytes : bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

/** Sends a file's bytes into a sink. */
export async function pour(from: string, sink: ByteSink): Promise<void> {
  const buffer = takeBuffer();
  try {
    await using source = await open(from, 'r');
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      sink.write(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw fileError(error, from, 'read');
  } finally {
    giveBack(buffer);
  }
}

class Staged implements StagedFile {
  readonly report: WriteReport;
  readonly #scratch: string;
  readonly #path: string;
  readonly #syncLast: boolean;

  constructor(scratch: string, path: string, report: WriteReport, syncLast = false) {
    this.#scratch = scratch;
    this.#path = path;
    this.report = report;
    this.#syncLast = syncLast;
  }

  async commit(): Promise<void> {
    try {
      renameSync(this.#scratch, this.#path);
      // A hard link renamed onto itself stays under both names.
      if (!this.#syncLast) rmSync(this.#scratch, { force: true });
      const folder = dirname(this.#path);
      if (!this.#syncLast) await syncPath(folder);
      else if (fileSystemAt(folder).ordered) await syncPath(this.#path);
      else await Promise.all([syncPath(this.#path), syncPath(folder)]);
    } catch (error) {
      throw fileError(error, this.#path, 'write');
    }
  }

  async sync(): Promise<void> {} // `stage` has done it

  async place(): Promise<readonly string[]> {
    try {
      renameSync(this.#scratch, this.#path);
      return [dirname(this.#path)];
    } catch (error) {
      throw fileError(error, this.#path, 'write');
    }
  }

  async revert(): Promise<void> {
    if (!existsSync(this.#scratch)) renameSync(this.#path, this.#scratch);
  }

  async discard(): Promise<void> {
    rmSync(this.#scratch, { force: true });
  }
}

/** A staged file that is still open, for its bytes are synced later. */
class UnsyncedFile extends Staged {
  readonly #sink: FileSink;
  readonly #to: string;
  readonly #folders: Promise<unknown> | undefined;

  constructor(
    scratch: string,
    path: string,
    report: WriteReport,
    sink: FileSink,
    folders: Promise<unknown> | undefined,
  ) {
    super(scratch, path, report);
    this.#to = path;
    this.#sink = sink;
    this.#folders = folders;
  }

  override async sync(): Promise<void> {
    try {
      await Promise.all([this.#sink.sync(), this.#folders]);
    } catch (error) {
      throw fileError(error, this.#to, 'write');
    }
  }

  override async commit(): Promise<void> {
    await this.sync();
    await super.commit();
  }

  override async discard(): Promise<void> {
    this.#sink.abandon();
    await super.discard();
  }
}

/** The unfinished file beside its final place: hidden, and named so that a cleaner recognises it. */
function scratchPath(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 160)}.${process.pid}-${++scratchCounter}.part`);
}

/** Whether a file name is that of an unfinished write. */
export function isScratchName(name: string): boolean {
  return /^\..*\.\d+-\d+\.part$/.test(name);
}

/** Buffers that are not in use now: small files would else cost a mebibyte or two of garbage each. */
const spareBuffers: Buffer[] = [];
const SPARE_LIMIT = 16;

function takeBuffer(): Buffer {
  return spareBuffers.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
}

function giveBack(buffer: Buffer): void {
  if (buffer.length === bufferBytes && spareBuffers.length < SPARE_LIMIT) spareBuffers.push(buffer);
}

/** One forward pass: gathers, hashes and counts what goes by. */
class FileSink implements ByteSink {
  readonly #path: string;
  readonly #fd: number;
  #buffer: Buffer = Buffer.alloc(0);
  readonly #hash = createHash('blake2b512');
  #held = 0;
  #sizeBytes = 0;
  #open = true;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'wx');
    this.#buffer = takeBuffer();
  }

  /** Undefined where there is no such folder. */
  static openIn(path: string): FileSink | undefined {
    try {
      return new FileSink(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  write(bytes: Uint8Array): void {
    if (bytes.length >= bufferBytes) {
      this.#flush();
      this.#put(bytes);
      return;
    }
    if (this.#held + bytes.length > bufferBytes) this.#flush();
    this.#buffer.set(bytes, this.#held);
    this.#held += bytes.length;
  }

  /** With `synced`, the bytes are on the disk when this resolves. */
  async finish(synced: boolean): Promise<WriteReport> {
    const report = this.end();
    if (synced) await this.sync();
    else this.#close();
    return report;
  }

  /** All is written; {@link sync} must follow. */
  end(): WriteReport {
    this.#flush();
    this.#release();
    return { sizeBytes: this.#sizeBytes, checksum: this.#hash.digest('hex') };
  }

  /** Waits until the bytes are on the disk, and closes. */
  async sync(): Promise<void> {
    if (!this.#open) return;
    try {
      await sync(this.#fd);
      const { size } = fstatSync(this.#fd);
      if (size !== this.#sizeBytes)
        throw butlerErrors.TRUNCATED_WRITE({ path: this.#path, written: this.#sizeBytes, found: size });
    } finally {
      this.#close();
    }
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#fd);
  }

  abandon(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#release();
    closeSync(this.#fd);
  }

  #release(): void {
    giveBack(this.#buffer);
    this.#buffer = Buffer.alloc(0); // a write after the end is refused rather than put into another's file
  }

  #flush(): void {
    if (this.#held > 0) this.#put(this.#buffer.subarray(0, this.#held));
    this.#held = 0;
  }

  #put(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at, bytes.length - at);
  }
}

function discard(sink: FileSink, scratch: string): void {
  sink.abandon();
  try {
    unlinkSync(scratch);
  } catch {
    // What made the write fail is what the caller must hear of; a scratch file left behind is known by its name.
  }
}
