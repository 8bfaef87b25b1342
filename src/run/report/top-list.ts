// SPDX-License-Identifier: BSD-3-Clause

const kept = 10;

/** The quanta with the largest values, each once. */
export class TopList {
  #list: { quantum: number; value: number }[] = [];
  #least = Number.NEGATIVE_INFINITY;

  add(quantum: number, value: number): void {
    if (this.#list.length === kept && value <= this.#least) return;
    const known = this.#list.find((one) => one.quantum === quantum);
    if (known !== undefined) known.value = Math.max(known.value, value);
    else this.#list.push({ quantum, value });
    this.#list.sort((a, b) => b.value - a.value);
    this.#list.length = Math.min(kept, this.#list.length);
    this.#least = this.#list[this.#list.length - 1].value;
  }

  /** Largest first. */
  list(): readonly { quantum: number; value: number }[] {
    return this.#list;
  }
}
