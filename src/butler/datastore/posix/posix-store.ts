// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsync, mkdirSync, openSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { link, open, opendir, stat, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ByteSink, ByteStore, LinkKind, StagedFile, WriteReport } from '../byte-store.ts';
import { fileError, isMissing } from './errors.ts';

/** Small writes are gathered to this size, so that a file costs about one call a mebibyte. */
const bufferBytes = 1 << 20;
let scratchCounter = 0;

/**
 * Syncs wait for the disk, not for the processor: they run beside each other and beside what the process does meanwhile, and a
 * journalling file system serves many that are under way with one write of its journal.
 */
const sync = promisify(fsync);

/** Files of a POSIX file system. */
export class PosixStore implements ByteStore {
  async stat(path: string): Promise<{ sizeBytes: number } | undefined> {
    try {
      return { sizeBytes: (await stat(path)).size };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileError(error, path, 'read');
    }
  }

  async read(path: string, range?: { start: number; end: number }): Promise<Uint8Array> {
    try {
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

  async stage(path: string, produce: (sink: ByteSink) => Promise<void> | void): Promise<StagedFile> {
    const scratch = scratchPath(path);
    let sink: FileSink | undefined;
    try {
      const folders = makeFolders(dirname(path));
      sink = new FileSink(scratch);
      await produce(sink);
      const report = await sink.finish();
      await folders;
      return new Staged(scratch, path, report);
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
      await syncFolder(dirname(to));
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

  constructor(scratch: string, path: string, report: WriteReport) {
    this.#scratch = scratch;
    this.#path = path;
    this.report = report;
  }

  async commit(): Promise<void> {
    try {
      renameSync(this.#scratch, this.#path);
      // A hard link renamed onto itself stays under both names.
      rmSync(this.#scratch, { force: true });
      await syncFolder(dirname(this.#path));
    } catch (error) {
      throw fileError(error, this.#path, 'write');
    }
  }

  async discard(): Promise<void> {
    rmSync(this.#scratch, { force: true });
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
  readonly #fd: number;
  #buffer: Buffer = Buffer.alloc(0);
  readonly #hash = createHash('blake2b512');
  #held = 0;
  #sizeBytes = 0;
  #open = true;

  constructor(path: string) {
    this.#fd = openSync(path, 'wx');
    this.#buffer = takeBuffer();
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

  /** The bytes are on the disk when this resolves. */
  async finish(): Promise<WriteReport> {
    this.#flush();
    this.#release();
    try {
      await sync(this.#fd);
    } finally {
      this.#open = false;
      closeSync(this.#fd);
    }
    return { sizeBytes: this.#sizeBytes, checksum: this.#hash.digest('hex') };
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

async function syncFolder(folder: string): Promise<void> {
  const fd = openSync(folder, 'r');
  try {
    await sync(fd);
  } finally {
    closeSync(fd);
  }
}

/** `mkdir -p`; @returns the first folder it made. */
function makeAll(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (error) {
    // Node says ENOENT where a read-only file system refused: making the first missing folder alone gives the reason.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    let missing = folder;
    while (!existsSync(dirname(missing))) missing = dirname(missing);
    mkdirSync(missing);
    mkdirSync(folder, { recursive: true });
    return missing;
  }
}

/**
 * Makes a folder and what is missing above it: they are there when this returns, and outlive a power cut when its promise resolves
 * (to be waited for before anything is put into place there).
 */
function makeFolders(folder: string): Promise<unknown> {
  const first = makeAll(folder);
  if (first === undefined) return Promise.resolve();
  const above: string[] = [];
  for (let path = folder; path.length >= first.length; path = dirname(path)) above.push(dirname(path));
  const synced = Promise.all(above.map(syncFolder));
  synced.catch(() => {}); // whoever waits hears of it, also when something else fails first
  return synced;
}

function discard(sink: FileSink, scratch: string): void {
  sink.abandon();
  try {
    unlinkSync(scratch);
  } catch {
    // What made the write fail is what the caller must hear of; a scratch file left behind is known by its name.
  }
}
