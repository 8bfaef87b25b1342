// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** A disk that becomes read-only under its writers, as one does that meets an error. */
export interface FailingDisk {
  path: string;
  /** The file system meets an error: from here on it can only be read, and what was not synced may be lost. */
  fail(): void;
  /** Checks it and makes it writable again. Nobody may be using it. */
  repair(): void;
  release(): void;
}

/** An ext4 file system in a file. Undefined, said loudly, where that cannot be had. */
export function failingDisk(megabytes: number, title: string): FailingDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'skymill-failing-disk-'));
  const image = join(folder, 'image');
  const path = mkdtempSync(join(tmpdir(), 'skymill-mount-'));
  const call = (file: string, ...words: string[]): string =>
    execFileSync(file, words, { stdio: 'pipe', encoding: 'utf8' });
  const mount = (): unknown => call('mount', '-o', 'loop,errors=remount-ro', image, path);
  const device = (): string => basename(call('losetup', '-j', image).split(':')[0]);
  try {
    writeFileSync(image, '');
    truncateSync(image, megabytes * 1e6);
    call('mkfs.ext4', '-q', image);
    mount();
    if (!existsSync(`/sys/fs/ext4/${device()}/trigger_fs_error`)) throw new Error('ext4 offers no error to trigger');
  } catch (error) {
    process.stderr.write(
      `\n*** SKIPPED: ${title}: there is no disk that can fail (${(error as Error).message.trim()})\n`,
    );
    for (const one of [folder, path]) rmSync(one, { recursive: true });
    return undefined;
  }
  let there = true;
  const release = (): void => {
    if (!there) return;
    there = false;
    call('umount', '-l', path);
    for (const one of [folder, path]) rmSync(one, { recursive: true });
  };
  process.on('exit', release); // also when a hook failed and no other is called
  return {
    path,
    fail: () => writeFileSync(`/sys/fs/ext4/${device()}/trigger_fs_error`, '1'),
    repair() {
      call('umount', path);
      try {
        call('e2fsck', '-fy', image);
      } catch (error) {
        if ((error as { status?: number }).status !== 1) throw error; // 1: errors were corrected
      }
      mount();
    },
    release,
  };
}
