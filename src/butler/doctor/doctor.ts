// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { didYouMean } from '../../base/index.ts';
import type { Butler } from '../butler.ts';
import { butlerErrors } from '../errors.ts';
import { repositoryChecks } from './checks/index.ts';
import { doctorErrors } from './errors.ts';
import type { Check, DoctorContext, Finding, Kind } from './model.ts';

export interface DoctorOptions {
  /** Compare checksums too: reads every file. */
  checksums?: boolean;
  /** Only these kinds. */
  only?: readonly string[];
  /** Checks of other rooms, done before those of the repository. */
  extraChecks?: readonly Check[];
  /** Folders of productions that are not over: {@link DoctorContext.underway}. */
  underway?: ReadonlyMap<string, string>;
  /** Default 3600. */
  minAgeSeconds?: number;
  /** Examples kept of each kind. Default 5. */
  examples?: number;
  onProgress?: (check: string, done: number, total: number) => void;
}

export interface RepairOptions extends DoctorOptions {
  deleteFiles?: boolean;
  damaged?: DoctorContext['damaged'];
  /** Goes on although most files are missing, which is how a storage looks that is not mounted. */
  force?: boolean;
}

export interface KindReport extends Kind {
  count: number;
  examples: { subject: string; detail: string }[];
  repaired: number;
}

export interface DoctorReport {
  /** Kinds of which something was found, in the order of the checks. */
  found: KindReport[];
  /** Whether anything is wrong or scratch is left, after repairs. */
  sound: boolean;
  /** Where files were moved to, if any were. */
  asideFolder?: string;
}

/** More missing files than this part of all records, and than {@link fewFiles}, look like a storage that is not there. */
const mostFiles = 0.5;
const fewFiles = 10;

/** Every kind of finding that the doctor of this repository knows. */
export function doctorKinds(extraChecks: readonly Check[] = []): Kind[] {
  return [...extraChecks, ...repositoryChecks].flatMap((check) => check.kinds);
}

/** Looks for everything that can be wrong with a repository; changes nothing. Memory does not grow with what is found. */
export async function examineRepository(butler: Butler, options: DoctorOptions = {}): Promise<DoctorReport> {
  return treat(butler, options, undefined);
}

/** Repairs what {@link examineRepository} finds, looking once more: what others have put right meanwhile is left alone. */
export async function repairRepository(butler: Butler, options: RepairOptions = {}): Promise<DoctorReport> {
  if (!butler.writeable) throw butlerErrors.READ_ONLY({ root: butler.root, action: 'repair the repository' });
  return treat(butler, options, options);
}

async function treat(butler: Butler, options: DoctorOptions, repair: RepairOptions | undefined): Promise<DoctorReport> {
  const kinds = new Map<string, KindReport>();
  assertKnown(options);
  let current = '';
  const context: DoctorContext = {
    butler,
    checksums: options.checksums ?? false,
    minAgeSeconds: options.minAgeSeconds ?? 3600,
    deleteFiles: repair?.deleteFiles ?? false,
    damaged: repair?.damaged ?? 'leave',
    underway: options.underway ?? new Map(),
    asideFolder: join(butler.root, '.skymill', 'aside', new Date().toISOString().replace(/[-:]|\.\d+/g, '')),
    progress: (done, total) => options.onProgress?.(current, done, total),
  };
  for (const check of [...(options.extraChecks ?? []), ...repositoryChecks]) {
    if (options.only !== undefined && !check.kinds.some((kind) => options.only!.includes(kind.name))) continue;
    current = check.name;
    for await (const batch of check.find(context)) {
      for (const [name, findings] of Map.groupBy(batch, (finding) => finding.kind)) {
        if (options.only !== undefined && !options.only.includes(name)) continue;
        const kind = tally(kinds, check, name, findings, options.examples ?? 5);
        if (repair === undefined || !mayRepair(kind, context)) continue;
        if (name === 'missing-file' && !repair.force) await refuseUnmounted(butler, kind.count);
        kind.repaired += (await check.repair?.(context, name, findings)) ?? 0;
      }
    }
  }
  const found = [...kinds.values()];
  const moved = found.some((kind) => kind.repaired > 0 && /aside|dated folder/.test(kind.repair ?? ''));
  return {
    found,
    sound: found.every((kind) => kind.severity === 'note' || kind.repaired === kind.count),
    asideFolder: moved && !context.deleteFiles ? context.asideFolder : undefined,
  };
}

function assertKnown({ only, extraChecks }: DoctorOptions): void {
  const known = doctorKinds(extraChecks).map((kind) => kind.name);
  for (const kind of only ?? []) {
    if (known.includes(kind)) continue;
    throw doctorErrors.UNKNOWN_KIND({ kind, hint: didYouMean(kind, known), known: known.join(', ') });
  }
}

function tally(
  kinds: Map<string, KindReport>,
  check: Check,
  name: string,
  findings: readonly Finding[],
  examples: number,
): KindReport {
  let kind = kinds.get(name);
  if (kind === undefined) {
    kind = { ...check.kinds.find((one) => one.name === name)!, count: 0, examples: [], repaired: 0 };
    kinds.set(name, kind);
  }
  kind.count += findings.length;
  const room = examples - kind.examples.length;
  if (room > 0) kind.examples.push(...findings.slice(0, room).map(({ subject, detail }) => ({ subject, detail })));
  return kind;
}

function mayRepair(kind: Kind, context: DoctorContext): boolean {
  if (kind.repair === undefined) return false;
  return (kind.name !== 'wrong-size' && kind.name !== 'wrong-checksum') || context.damaged !== 'leave';
}

async function refuseUnmounted(butler: Butler, missing: number): Promise<void> {
  const [[total]] = await butler.registry.db.rows('SELECT COUNT(*) FROM file_datastore_records');
  const { root } = butler.datastore;
  if (missing > fewFiles && missing > mostFiles * Number(total))
    throw doctorErrors.MOST_FILES_MISSING({ root, missing, total: Number(total) });
}
