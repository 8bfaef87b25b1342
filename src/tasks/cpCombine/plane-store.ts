// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Keeps image planes until all have been seen, then gives them back in row bands. Planes stay in memory while they fit in
 * `limitBytes`; the others go, once and in sequence, to files in the scratch folder. So each raw is read once and the
 * memory of a combination does not grow with the number of exposures.
 */
export class PlaneStore {
  readonly #limitBytes: number;
  readonly #scratch: string;
  readonly #planes: (Float32Array | { path: string; descriptor: number })[] = [];
  #usedBytes = 0;

  constructor(options: { limitBytes: number; scratch: string }) {
    this.#limitBytes = options.limitBytes;
    this.#scratch = options.scratch;
  }

  get count(): number {
    return this.#planes.length;
  }

  /** Bytes of planes held in memory. */
  get memoryBytes(): number {
    return this.#usedBytes;
  }

  add(plane: Float32Array): void {
    if (this.#usedBytes + plane.byteLength <= this.#limitBytes) {
      this.#planes.push(plane);
      this.#usedBytes += plane.byteLength;
      return;
    }
    const path = join(this.#scratch, `plane-${this.#planes.length}.f32`);
    const descriptor = openSync(path, 'w+');
    this.#planes.push({ path, descriptor });
    const bytes = new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
  }

  /** Samples `[begin, end)` of plane k: a view of a plane in memory, or `into` filled from its file. */
  band(k: number, begin: number, end: number, into: Float32Array): Float32Array {
    const plane = this.#planes[k];
    if (plane instanceof Float32Array) return plane.subarray(begin, end);
    const bytes = new Uint8Array(into.buffer, into.byteOffset, (end - begin) * 4);
    for (let done = 0; done < bytes.length; ) {
      const got = readSync(plane.descriptor, bytes, done, bytes.length - done, begin * 4 + done);
      if (got === 0) throw new Error(`scratch file ${plane.path} is shorter than what was written to it`);
      done += got;
    }
    return into.subarray(0, end - begin);
  }

  /** Closes and removes the scratch files. */
  close(): void {
    for (const plane of this.#planes) {
      if (plane instanceof Float32Array) continue;
      closeSync(plane.descriptor);
      unlinkSync(plane.path);
    }
    this.#planes.length = 0;
    this.#usedBytes = 0;
  }
}
