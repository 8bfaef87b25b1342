// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FormatterFile } from '../../formatters/formatter.ts';
import type { CachedFile, FileCache } from '../cache/file-cache.ts';
import { extensionOf } from '../paths.ts';
import { PosixStore } from '../posix/posix-store.ts';
import { shownUrl } from './access.ts';
import type { WebdavStore } from './webdav-store.ts';

interface RemoteOptions {
  store: WebdavStore;
  url: string;
  sizeBytes: number;
  /** Of the dataset and what part of it the file holds. */
  name: string;
  /** Where copies are kept; undefined: nowhere. */
  cache: FileCache | undefined;
  /** The reader opens a local file by itself. */
  whole: boolean;
  /** Only a part is wanted: it is read by range, and no copy is made. */
  partial: boolean;
  countRead: (bytes: number) => void;
}

const local = new PosixStore();

/** A file on a server as a file to read: from the cache, by range, or as a temporary copy. */
export async function openRemote(options: RemoteOptions): Promise<FormatterFile & AsyncDisposable> {
  const { store, url, sizeBytes, cache, whole, partial, countRead } = options;
  const name = `${options.name}${extensionOf(new URL(url).pathname)}`;
  const download = async (sink: Parameters<WebdavStore['download']>[1]): Promise<void> => {
    countRead(await store.download(url, sink));
  };
  const cached = await cache?.find(name, sizeBytes);
  if (cached !== undefined) return localFile(cached);
  if (!whole && (partial || cache === undefined)) {
    return {
      path: shownUrl(url),
      sizeBytes,
      isRemote: true,
      async read(range) {
        const bytes = await store.read(url, range);
        countRead(bytes.length);
        return bytes;
      },
      countRead() {},
      async [Symbol.asyncDispose]() {},
    };
  }
  if (cache !== undefined) return localFile(await cache.get(name, sizeBytes, download));
  const folder = await mkdtemp(join(tmpdir(), 'skymill-remote-'));
  const path = join(folder, name);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await local.writeAtomic(path, download);
  } catch (error) {
    await remove();
    throw error;
  }
  return localFile({ path, sizeBytes, [Symbol.asyncDispose]: remove });
}

/** Bytes were counted when they came over the network. */
function localFile(file: CachedFile): FormatterFile & AsyncDisposable {
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    read: (range) => local.read(file.path, range),
    countRead() {},
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
