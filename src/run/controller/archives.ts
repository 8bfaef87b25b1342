// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { SkymillError } from '../../base/index.ts';
import { archivesIn, type ButlerApi, finishArchives, isArchiveOf, quantumRecordsFolder } from '../../butler/index.ts';

/** Where the logs and metadata of quanta go: members of a few archives for each worker, or a file each. */
export type QuantumRecords = 'archives' | 'files';

/**
 * The archives that the workers of a run write. Each worker finishes its own when it ends; those of workers that were killed are finished
 * here. Until then their members can be read by us, and by nobody else.
 */
export class RunArchives {
  /** Relative to the datastore; undefined where workers cannot write there. */
  readonly folder: string | undefined;
  readonly #butler: ButlerApi;
  readonly #unfinished: (problem: SkymillError) => void;
  #work: Promise<void> = Promise.resolve();

  /** @param unfinished told when an archive cannot be finished now (disk full): the next execution does */
  constructor(butler: ButlerApi, run: string, unfinished: (problem: SkymillError) => void) {
    this.#butler = butler;
    this.#unfinished = unfinished;
    this.folder = /^[a-z][a-z0-9+.-]*:\/\//i.test(butler.datastoreRoot) ? undefined : quantumRecordsFolder(run);
  }

  /** After the end of a worker. */
  finishOf(pid: number): void {
    this.#finish((name) => isArchiveOf(name, pid));
  }

  /** When no worker is left. */
  async finishAll(): Promise<void> {
    this.#finish(() => true);
    await this.#work;
  }

  #finish(which: (name: string) => boolean): void {
    const { folder } = this;
    if (folder === undefined) return;
    this.#work = this.#work.then(async () => {
      try {
        await finishArchives(join(this.#butler.datastoreRoot, folder), which);
      } catch (error) {
        if (!(error instanceof SkymillError)) throw error;
        this.#unfinished(error);
      }
    });
    this.#work.catch(() => {}); // finishAll hears of it
  }

  /** When everything recorded is registered: archives of which nothing is (their workers were killed before they could tell) go. */
  async removeUnused(): Promise<void> {
    const { folder } = this;
    if (folder === undefined) return;
    const names = await archivesIn(join(this.#butler.datastoreRoot, folder));
    await this.#butler.removeUnused(names.map((name) => `${folder}/${name}`));
  }
}
