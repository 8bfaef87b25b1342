// SPDX-License-Identifier: BSD-3-Clause

type Numbers = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** A column that is filled piece by piece without an object an entry. */
export class Growing<T extends Numbers> {
  length = 0;
  #room: T;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#room = make(1024);
  }

  push(value: number): void {
    if (this.length === this.#room.length) this.#reserve(this.length + 1);
    this.#room[this.length++] = value;
  }

  append(values: ArrayLike<number>): void {
    this.#reserve(this.length + values.length);
    this.#room.set(values, this.length);
    this.length += values.length;
  }

  at(index: number): number {
    return this.#room[index];
  }
  set(index: number, value: number): void {
    this.#room[index] = value;
  }

  /** What was filled in, in a buffer of its own size. */
  take(): T {
    return this.#room.slice(0, this.length) as T;
  }

  #reserve(length: number): void {
    if (length <= this.#room.length) return;
    const larger = this.#make(Math.max(length, Math.ceil(1.5 * this.#room.length)));
    larger.set(this.#room.subarray(0, this.length) as never);
    this.#room = larger;
  }
}

export const growingU32 = (): Growing<Uint32Array<ArrayBuffer>> => new Growing((length) => new Uint32Array(length));
export const growingF64 = (): Growing<Float64Array<ArrayBuffer>> => new Growing((length) => new Float64Array(length));
export const growingBytes = (): Growing<Uint8Array<ArrayBuffer>> => new Growing((length) => new Uint8Array(length));
