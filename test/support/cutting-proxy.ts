// SPDX-License-Identifier: BSD-3-Clause
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut: at a word of the client's, before the server hears it or before the client hears the answer. */
export interface CuttingProxy {
  readonly port: number;
  /** The next message with this text is the last; `heard`: the server still gets it. Resolves when it has happened. */
  cutAt(text: string, options: { heard: boolean }): Promise<void>;
  close(): void;
}

export async function cuttingProxy(port: number): Promise<CuttingProxy> {
  let trap: { text: string; heard: boolean; sprung: () => void } | undefined;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    sockets.add(client).add(upstream);
    const cut = (): void => {
      client.destroy();
      upstream.end();
    };
    let deaf = false;
    client.on('data', (chunk) => {
      if (trap === undefined || !chunk.includes(trap.text)) {
        upstream.write(chunk);
        return;
      }
      const { heard, sprung } = trap;
      trap = undefined;
      deaf = true;
      if (heard) {
        upstream.once('data', () => {
          cut();
          sprung();
        });
        upstream.write(chunk);
      } else {
        upstream.destroy();
        client.destroy();
        sprung();
      }
    });
    upstream.on('data', (chunk) => {
      if (!deaf) client.write(chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as { port: number }).port,
    cutAt: (text, { heard }) => new Promise((sprung) => (trap = { text, heard, sprung })),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
