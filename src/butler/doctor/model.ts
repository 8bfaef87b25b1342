// SPDX-License-Identifier: BSD-3-Clause
import type { Butler } from '../butler.ts';

/**
 * How bad it is. `wrong`: data are lost, hidden or contradict each other. `scratch`: rests of interrupted work that nothing needs.
 * `note`: lawful, but worth knowing; a repository with notes alone is sound.
 */
export type Severity = 'wrong' | 'scratch' | 'note';

export interface Kind {
  name: string;
  /** What was found, for a heading: "files without a record". */
  title: string;
  severity: Severity;
  /** What `--fix` does about it; undefined where a person must decide. */
  repair?: string;
  /** Where there is no repair: what to do. */
  advice?: string;
}

/** One thing found. `subject` says where (a path, a dataset, a collection), `detail` what is the matter with it. */
export interface Finding {
  kind: string;
  subject: string;
  detail: string;
  /** What the repair of this kind needs. */
  data?: unknown;
}

/** One kind of examination. Each is a file in checks/; rooms above this one may bring their own. */
export interface Check {
  name: string;
  kinds: readonly Kind[];
  /** Findings in batches, never all at once: a repository may have millions. Reading only; what was handed out may be repaired before the next batch. */
  find(context: DoctorContext): AsyncIterable<Finding[]>;
  /** Repairs a batch of findings of one kind; returns how many it repaired. */
  repair?(context: DoctorContext, kind: string, findings: readonly Finding[]): Promise<number>;
}

export interface DoctorContext {
  butler: Butler;
  /** Compare checksums too: reads every file. */
  checksums: boolean;
  /** Files and scratch changed less than this long ago may be somebody's work under way: they are left out. */
  minAgeSeconds: number;
  /** Delete files that belong to no dataset rather than move them aside. */
  deleteFiles: boolean;
  /** What to do with files whose size or checksum is not the recorded one: `quarantine` moves them aside and unstores their datasets, `accept` takes the file's own values. */
  damaged: 'leave' | 'quarantine' | 'accept';
  /** Folders (relative to the datastore) of productions that are not over, with the reason to leave their files alone. */
  underway: ReadonlyMap<string, string>;
  /** Where files are moved to: a dated folder of the repository. */
  asideFolder: string;
  progress(done: number, total: number): void;
}
