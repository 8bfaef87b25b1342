// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../../base/index.ts';
import { butlerErrors } from '../../errors.ts';

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'part of the path is not a folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long for the file system',
  EIO: 'the storage reports an input/output error',
  ESTALE: 'the network file system lost the file (stale handle)',
};

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A file-system error as one of ours; anything else passes unchanged. */
export function fileError(error: unknown, path: string, action: 'read' | 'write'): unknown {
  if (error instanceof SkymillError) return error;
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return butlerErrors.DISK_FULL({ path }, { cause: error });
  const reason = `${reasons[code] ?? (error as Error).message} (${code})`;
  return action === 'read'
    ? butlerErrors.FILE_UNREADABLE({ path, reason }, { cause: error })
    : butlerErrors.NOT_WRITEABLE({ path, reason }, { cause: error });
}
