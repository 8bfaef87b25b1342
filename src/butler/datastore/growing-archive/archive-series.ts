// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileError } from '../posix/errors.ts';
import { makeFolders, syncPath } from '../posix/folders.ts';
import { ArchiveFile } from './archive-file.ts';
import type { ZipLimits } from './layout.ts';

export interface SeriesLimits {
  /** A further archive is begun when one has so many members, or so many bytes. */
  readonly members: number;
  readonly bytes: number;
  /** An archive that has been left alone for so long gets its directory, though more may come: written at every sync, it would be most of the bytes. */
  readonly restSeconds: number;
  readonly zip?: ZipLimits;
}

/** A reader that does not know our names reads a directory for each member it takes: 16 000 entries are milliseconds. */
const defaultLimits: SeriesLimits = { members: 16_384, bytes: 2 ** 28, restSeconds: 10 };

export interface AppendedMember {
  /** Absolute path of the archive. */
  readonly archive: string;
  readonly member: string;
  /** Where it ends in the archive, and how much it takes there. */
  readonly end: number;
  readonly storedBytes: number;
}

/**
 * The archives that one process writes, one after the other, in one folder. Members are appended in memory and come to the disk together:
 * whoever calls {@link sync} while one is under way shares the next one with all others that do.
 */
export class ArchiveSeries {
  readonly #folder: string;
  readonly #limits: SeriesLimits;
  readonly #name: string;
  #count = 0;
  #current: ArchiveFile | undefined;
  /** Archives with members that may not be on the disk, or without their last directory; and those that failed. */
  readonly #open = new Map<string, ArchiveFile>();
  readonly #failed = new Map<string, ArchiveFile>();
  #folderReady: Promise<unknown> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #next: Promise<ArchiveFile | undefined> | undefined;
  #rest: NodeJS.Timeout | undefined;

  constructor(folder: string, limits: Partial<SeriesLimits> = {}) {
    this.#folder = folder;
    this.#limits = { ...defaultLimits, ...limits };
    this.#name = archiveNameOf(process.pid);
  }

  /** The name becomes `<stem>.<place>` and the extension. Nothing is on the disk before {@link sync}. */
  append(stem: string, extension: string, content: Uint8Array): AppendedMember {
    const { members, bytes } = this.#limits;
    if (this.#current !== undefined && (this.#current.members >= members || this.#current.sizeBytes >= bytes)) {
      this.#current = undefined; // the next sync finishes it
    }
    this.#current ??= this.#begin();
    const archive = this.#current;
    const { name, ...place } = archive.add(stem, extension, content);
    return { archive: archive.path, member: name, ...place };
  }

  #begin(): ArchiveFile {
    try {
      this.#folderReady ??= makeFolders(this.#folder);
      let path: string;
      do path = join(this.#folder, `${this.#name}-${this.#count++}.zip`);
      while (existsSync(path));
      const archive = new ArchiveFile(path, this.#limits.zip);
      this.#open.set(path, archive);
      const named = Promise.all([this.#folderReady, syncPath(this.#folder)]);
      named.catch(() => {}); // whoever syncs hears of it
      this.#folderReady = named;
      return archive;
    } catch (error) {
      throw fileError(error, this.#folder, 'write');
    }
  }

  /**
   * Resolves when all that was appended so far is on the disk. @throws BUTLER_DISK_FULL, BUTLER_NOT_WRITEABLE if some of it is not: its archive
   * is given up then, and what is appended later goes to another one.
   */
  async sync(): Promise<void> {
    this.#next ??= this.#afterThis();
    const failed = await this.#next;
    if (failed !== undefined) throw fileError(failed.failure, failed.path, 'write');
  }

  /** @throws as {@link sync} if the archive of this member was given up before it was on the disk */
  assertKept({ archive, end }: AppendedMember): void {
    const failed = this.#failed.get(archive);
    if (failed !== undefined && end > failed.syncedBytes) throw fileError(failed.failure, archive, 'write');
  }

  #afterThis(): Promise<ArchiveFile | undefined> {
    const next = this.#turn.then(() => {
      this.#next = undefined;
      return this.#syncAll();
    });
    this.#turn = next;
    return next;
  }

  /** @returns an archive that had to be given up, if any; never rejects. */
  async #syncAll(): Promise<ArchiveFile | undefined> {
    clearTimeout(this.#rest);
    const archives = [...this.#open.values()];
    await Promise.all(archives.map((archive) => this.#bring(archive)));
    this.#rest = setTimeout(() => this.#atRest(), this.#limits.restSeconds * 1000).unref();
    return archives.find(({ failure }) => failure !== undefined);
  }

  async #bring(archive: ArchiveFile): Promise<void> {
    const isOver = archive !== this.#current;
    try {
      archive.write(isOver);
      await Promise.all([archive.sync(), this.#folderReady]);
      if (!isOver) return;
      this.#open.delete(archive.path);
      archive.close();
    } catch (error) {
      this.#giveUp(archive, error);
    }
  }

  #giveUp(archive: ArchiveFile, error: unknown): void {
    archive.giveUp(error);
    this.#open.delete(archive.path);
    this.#failed.set(archive.path, archive);
    this.#folderReady = undefined;
    if (this.#current === archive) this.#current = undefined;
  }

  /** Nothing came for a while: readers that need the directory find it. */
  #atRest(): void {
    const archive = this.#current;
    if (archive === undefined || archive.isWhole || this.#next !== undefined) return;
    try {
      archive.write(true);
    } catch {
      // Its members are on the disk; whoever finishes the archive writes the directory.
    }
  }

  /** Finishes the archives. What was appended and not synced is not waited for by anyone, and may fail unheard. */
  async close(): Promise<void> {
    clearTimeout(this.#rest);
    this.#current = undefined;
    this.#next ??= this.#afterThis();
    await this.#next;
    clearTimeout(this.#rest);
  }
}

/** The beginning of the names of a process's archives: no other process has it, on any machine, before or after. */
function archiveNameOf(pid: number): string {
  const host = hostname().replaceAll(/[^A-Za-z0-9_-]/g, '_');
  const startedUnixMs = Math.round(performance.timeOrigin);
  return `${host}-${pid}-${startedUnixMs.toString(36)}`;
}

/** Whether an archive, by its name, is of this process of this machine, or of an earlier one with its number. */
export function isArchiveOf(name: string, pid: number): boolean {
  const host = hostname().replaceAll(/[^A-Za-z0-9_-]/g, '_');
  return name.startsWith(`${host}-${pid}-`) && /^[0-9a-z]+-\d+\.zip$/.test(name.slice(`${host}-${pid}-`.length));
}
