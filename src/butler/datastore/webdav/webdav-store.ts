// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import { butlerErrors } from '../../errors.ts';
import type { ByteSink, ByteStore, StagedFile, WriteReport } from '../byte-store.ts';
import { accessTo, shownUrl } from './access.ts';
import { isPassing, networkError, statusError } from './errors.ts';

const attempts = 4;
const firstPauseMs = 100;
const timeoutMs = 60_000;

/** Files of an HTTP server (WebDAV or any other that knows HEAD and GET), for reading. */
export class WebdavStore implements ByteStore {
  async stat(path: string): Promise<{ sizeBytes: number } | undefined> {
    const response = await request(path, 'HEAD');
    if (response === undefined) return undefined;
    const length = response.headers.get('content-length');
    if (length !== null && response.headers.get('content-encoding') === null) return { sizeBytes: Number(length) };
    // A server that does not tell the length of a file tells that of a range of it.
    const first = await request(path, 'GET', { start: 0, end: 1 });
    await first?.body?.cancel();
    const total = /\/(\d+)$/.exec(first?.headers.get('content-range') ?? '')?.[1];
    if (total !== undefined) return { sizeBytes: Number(total) };
    throw butlerErrors.FILE_UNREADABLE({ path: shownUrl(path), reason: 'the server does not say how long it is' });
  }

  async read(path: string, range?: { start: number; end: number }): Promise<Uint8Array> {
    if (range !== undefined && range.end <= range.start) return new Uint8Array(0);
    const response = await request(path, 'GET', range);
    if (response === undefined) throw missing(path);
    const bytes = await body(path, response);
    // Servers may answer with the whole file.
    return range !== undefined && response.status === 200 ? bytes.subarray(range.start, range.end) : bytes;
  }

  /** Sends a whole file into a sink as it arrives. @returns how many bytes came */
  async download(path: string, sink: ByteSink): Promise<number> {
    const response = await request(path, 'GET');
    if (response === undefined) throw missing(path);
    let sizeBytes = 0;
    try {
      for await (const chunk of response.body ?? []) {
        sink.write(chunk);
        sizeBytes += chunk.length;
      }
    } catch (error) {
      throw networkError(path, error);
    }
    return sizeBytes;
  }

  stage(path: string): Promise<StagedFile> {
    return readOnly(path);
  }
  stageLink(path: string): Promise<StagedFile> {
    return readOnly(path);
  }
  writeAtomic(path: string): Promise<WriteReport> {
    return readOnly(path);
  }
  move(_from: string, to: string): Promise<void> {
    return readOnly(to);
  }
  copy(_from: string, to: string): Promise<WriteReport> {
    return readOnly(to);
  }
  remove(path: string): Promise<boolean> {
    return readOnly(path);
  }
  // biome-ignore lint/correctness/useYield: a store without this ability says so when it is asked
  async *list(folder: string): AsyncIterable<string> {
    throw butlerErrors.UNSUPPORTED({ what: `Listing ${shownUrl(folder)}` });
  }
}

function missing(path: string): Error {
  return butlerErrors.FILE_UNREADABLE({ path: shownUrl(path), reason: 'there is no such file (HTTP 404)' });
}

async function readOnly(path: string): Promise<never> {
  throw butlerErrors.UNSUPPORTED({ what: `Writing to ${shownUrl(path)}` });
}

/** The answer, or undefined where there is no such file. What passes by itself is tried again. */
async function request(
  address: string,
  method: 'GET' | 'HEAD',
  range?: { start: number; end: number },
): Promise<Response | undefined> {
  const { url, headers } = accessTo(address);
  const all = { ...headers, ...(range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` }) };
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    try {
      // Compressed answers would have other lengths than the files.
      response = await fetch(url, {
        method,
        headers: { ...all, 'accept-encoding': 'identity' },
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      if (attempt === attempts) throw networkError(url, error);
      await sleep(firstPauseMs * 2 ** attempt);
      continue;
    }
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) return undefined;
    if (attempt === attempts || !isPassing(response.status)) throw statusError(url, response.status);
    await sleep(firstPauseMs * 2 ** attempt);
  }
}

async function body(path: string, response: Response): Promise<Uint8Array> {
  try {
    return await response.bytes();
  } catch (error) {
    throw networkError(path, error);
  }
}
