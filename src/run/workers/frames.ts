// SPDX-License-Identifier: BSD-3-Clause
import { writeSync } from 'node:fs';
import { runErrors } from '../errors.ts';

/**
 * Messages between controller and worker: a 4-byte big-endian length, then that many bytes of JSON (UTF-8). They travel on
 * file descriptors 3 (to the worker) and 4 (from it), so that whatever a task or a library prints is only ever output.
 */

const MAX_BYTES = 1 << 30;

export function encodeFrame(message: unknown): Buffer {
  const json = JSON.stringify(message);
  const length = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32BE(length, 0);
  frame.write(json, 4, 'utf8');
  return frame;
}

/** Writes a frame before it returns: what a process says so is in the pipe even if it dies in the next instant. */
export function writeFrameSync(fd: number, message: unknown): void {
  const frame = encodeFrame(message);
  for (let at = 0; at < frame.length; ) at += writeSync(fd, frame, at);
}

/** Cuts a stream of bytes into messages. */
export class FrameReader<T> {
  #chunks: Buffer[] = [];
  #length = 0;

  /** @returns the messages that are whole now. */
  push(chunk: Buffer): T[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: T[] = [];
    while (this.#length >= 4) {
      const size = this.#peekLength();
      if (size > MAX_BYTES) throw runErrors.PROTOCOL({ problem: `a message of ${size} bytes` });
      if (this.#length < 4 + size) break;
      const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
      messages.push(JSON.parse(all.toString('utf8', 4, 4 + size)) as T);
      this.#chunks = [all.subarray(4 + size)];
      this.#length -= 4 + size;
    }
    return messages;
  }

  #peekLength(): number {
    if (this.#chunks[0].length < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0].readUInt32BE(0);
  }
}
