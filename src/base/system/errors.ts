// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors, SkymillError } from '../errors.ts';

/** What the operating system refuses and its user can mend. Rooms with a better word for it (datasets, logs) have their own. */
const systemErrors = defineErrors('SYSTEM', {
  DISK_FULL: {
    message: (p: { path: string; reason: string }) => `No space left while writing ${p.path} (${p.reason})`,
    next: 'Free some space (or raise the quota) and run the same command again.',
  },
  REFUSED: {
    message: (p: { path: string; reason: string }) => `The system does not let this user use ${p.path} (${p.reason})`,
    next: 'Check the owner and the permissions of the file and its folder, and whether the file system is read-only.',
  },
  STORAGE: {
    message: (p: { path: string; reason: string }) => `The storage failed at ${p.path} (${p.reason})`,
    next: 'Look at the health of the disk or the network file system, then run the same command again.',
  },
});

const kinds: Readonly<Record<string, keyof typeof systemErrors>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EACCES: 'REFUSED',
  EPERM: 'REFUSED',
  EROFS: 'REFUSED',
  EIO: 'STORAGE',
  ESTALE: 'STORAGE',
};

/**
 * An error of a system call that somebody outside can mend, as one of ours; any other value unchanged.
 * @param path what was being used, where the error itself does not say it
 */
export function systemError(thrown: unknown, path?: string): unknown {
  if (thrown instanceof SkymillError) return thrown;
  const { code, path: own, message } = (thrown ?? {}) as NodeJS.ErrnoException;
  const kind = code === undefined ? undefined : kinds[code];
  if (kind === undefined) return thrown;
  const where = path ?? own ?? 'a file';
  return systemErrors[kind]({ path: where, reason: message }, { cause: thrown, place: { file: where } });
}
