// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place that a test mounted; `release` takes it away. */
export interface Place {
  path: string;
  release(): void;
}

/** A small disk. Undefined, said loudly, where this user may not mount. */
export function smallDisk(megabytes: number, title: string): Place | undefined {
  return mounted(title, ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs']);
}

/** Fills a disk but for some bytes. @returns what frees it again. */
export function fillDisk(disk: string, leaveBytes: number): () => void {
  const ballast = join(disk, 'ballast');
  const fd = openSync(ballast, 'w');
  const chunk = Buffer.alloc(2 ** 16);
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(disk);
      const bytes = Math.min(chunk.length, bavail * bsize - leaveBytes);
      if (bytes <= 0) break;
      writeSync(fd, chunk, 0, bytes);
    }
  } catch (error) {
    // Somebody else was quicker with the last of it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(fd);
  }
  return () => rmSync(ballast);
}

/**
 * A folder as one that cannot be written: another mount of it that is read-only; for who may not mount, its permissions, which
 * hold everyone but root.
 */
export function readOnly(folder: string, title: string): Place | undefined {
  if (process.getuid?.() !== 0) {
    const setMode = (files: number, folders: number) => {
      chmodSync(folder, 0o755);
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
        chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : files);
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
        if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), folders);
      chmodSync(folder, folders);
    };
    setMode(0o444, 0o555);
    return { path: folder, release: () => setMode(0o644, 0o755) };
  }
  const place = mounted(title, ['--bind', folder]);
  if (place !== undefined) execFileSync('mount', ['-o', 'remount,ro,bind', place.path]);
  return place;
}

function mounted(title: string, what: readonly string[]): Place | undefined {
  const path = mkdtempSync(join(tmpdir(), 'skymill-mount-'));
  try {
    execFileSync('mount', [...what, path], { stdio: 'pipe' });
  } catch (error) {
    rmSync(path, { recursive: true });
    process.stderr.write(`\n*** SKIPPED: ${title}: this user may not mount (${(error as Error).message.trim()})\n`);
    return undefined;
  }
  let there = true;
  const release = (): void => {
    if (!there) return;
    there = false;
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  };
  process.on('exit', release); // also when a hook failed and no other is called
  return { path, release };
}
