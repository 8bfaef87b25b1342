// SPDX-License-Identifier: BSD-3-Clause
import { statfsSync } from 'node:fs';

export interface FileSystemKind {
  /** As statfs(2) tells it; its number in hexadecimal where it has no name here. */
  name: string;
  /** Surely of this machine alone: locks and memory maps are seen by everybody who uses it. */
  local: boolean;
  /** A sync of a file makes the renames durable that it went through before: no sync of its folder is needed. */
  ordered: boolean;
  /** Metadata go through one journal in order: when a rename is durable, so are all renames before it, in whatever folder. */
  oneJournal: boolean;
}

const journalled = new Set(['ext4', 'xfs', 'tmpfs', 'ramfs']);

/** Kinds that are known to be local (magic numbers of statfs(2)). Whatever is not here is treated as shared: network file systems are many. */
const localKinds = new Map<number, [name: string, ordered: boolean]>([
  [0xef53, ['ext4', true]],
  [0x58465342, ['xfs', true]],
  [0x9123683e, ['btrfs', true]],
  [0x01021994, ['tmpfs', true]],
  [0x858458f6, ['ramfs', true]],
  [0xf2f52010, ['f2fs', false]],
  [0x2fc12fc1, ['zfs', false]],
  [0xca451a4e, ['bcachefs', false]],
  [0x794c7630, ['overlay', false]],
]);

/** What kind of file system holds an existing file or folder; unknown on systems other than Linux. */
export function fileSystemOf(path: string): FileSystemKind {
  if (process.platform !== 'linux') return { name: process.platform, local: false, ordered: false, oneJournal: false };
  const type = statfsSync(path).type >>> 0;
  const [name, ordered] = localKinds.get(type) ?? [`0x${type.toString(16)}`, false];
  return { name, local: localKinds.has(type), ordered, oneJournal: journalled.has(name) };
}
