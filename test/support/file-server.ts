// SPDX-License-Identifier: BSD-3-Clause
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

export interface FileServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Requests that were answered with content: method, path, and bytes sent. */
  readonly requests: { method: string; path: string; range: string | undefined; bytes: number }[];
  /** Answers the next requests with this status instead. */
  failNext(status: number, times: number): void;
  close(): Promise<void>;
}

/** Serves a folder over HTTP with ranges; with `authorization`, only to requests that have that header. */
export async function serveFolder(folder: string, options: { authorization?: string } = {}): Promise<FileServer> {
  const requests: FileServer['requests'] = [];
  const failures: number[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const status = failures.shift();
    if (status !== undefined) return void response.writeHead(status).end();
    if (options.authorization !== undefined && request.headers.authorization !== options.authorization) {
      return void response.writeHead(401).end();
    }
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname);
    const file = join(folder, normalize(path));
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile()) return void response.writeHead(404).end();
    const { range } = request.headers;
    const wanted = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    const start = wanted === null ? 0 : Number(wanted[1]);
    const end = wanted === null ? found.size : Math.min(found.size, Number(wanted[2]) + 1);
    const headers: Record<string, string | number> = { 'content-length': end - start, 'accept-ranges': 'bytes' };
    if (wanted !== null) headers['content-range'] = `bytes ${start}-${end - 1}/${found.size}`;
    response.writeHead(wanted === null ? 200 : 206, headers);
    const bytes = request.method === 'HEAD' ? 0 : end - start;
    requests.push({ method: request.method!, path, range, bytes });
    if (bytes === 0) response.end();
    else createReadStream(file, { start, end: end - 1 }).pipe(response);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    failNext: (status, times) => failures.push(...Array<number>(times).fill(status)),
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}
