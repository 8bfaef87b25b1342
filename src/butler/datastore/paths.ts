// SPDX-License-Identifier: BSD-3-Clause
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { butlerErrors } from '../errors.ts';
import { splitMember } from './zip/archive.ts';

/**
 * The absolute path of a recorded one: relative to the datastore, or a `file://` URI; of a member the path of its archive. Of what is on
 * a server its URL.
 */
export function resolveRecordPath(root: string, path: string): string {
  if (path.startsWith('file://')) return fileURLToPath(path.split('#')[0]);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return remotePath(path);
  if (isRemote(root)) {
    // Paths are recorded with the escapes of URLs where they need them.
    const url = new URL(path, `${root}/`);
    if (url.href.startsWith(new URL(`${root}/`).href)) return remotePath(url.href);
    throw butlerErrors.BAD_PATH({ path, reason: 'it leads out of the datastore' });
  }
  const absolute = resolve(root, splitMember(path).file);
  if (isAbsolute(path)) return absolute;
  if (relativeTo(root, absolute) === undefined) {
    throw butlerErrors.BAD_PATH({ path, reason: 'it leads out of the datastore' });
  }
  return absolute;
}

function remotePath(url: string): string {
  if (/^https?:/i.test(url)) return url.split('#')[0];
  throw butlerErrors.UNSUPPORTED({ what: `Storage of ${url}` });
}

/** Whether it is the URL of something on another machine. */
export function isRemote(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path) && !path.startsWith('file://');
}

/** The path relative to a folder, if it is inside of it. */
export function relativeTo(folder: string, path: string): string | undefined {
  const inner = relative(folder, resolve(path));
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner) ? inner : undefined;
}

/** The record of a file that stays outside of the datastore. */
export function directPath(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

/** `.fits`, `.fits.gz`: of compressed files the ending before the compression belongs to it. */
export function extensionOf(path: string): string {
  const match = /(\.[A-Za-z0-9]+)?(\.(?:gz|bz2|xz|zst|fz))$|(\.[A-Za-z0-9]+)$/.exec(basename(path));
  return match?.[0] ?? '';
}
