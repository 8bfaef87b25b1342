// SPDX-License-Identifier: BSD-3-Clause
import type { Spread } from './model.ts';

const kept = 1024;
const binsPerDecade = 200; // neighbours differ by 1.2 %
const smallest = 1e-7;
const decades = 26; // up to 10^19: bytes of any memory, seconds of any run

/**
 * Sums up numbers that are not negative without keeping them: the first {@link kept} exactly, then counts in bins of equal ratios. So
 * memory is the same for ten numbers and for ten million, count, sum and extremes are exact, and quantiles are within 1.2 %.
 */
export class Distribution {
  #values: number[] | undefined = [];
  #bins: Uint32Array | undefined;
  #count = 0;
  #total = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    this.#count++;
    this.#total += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (this.#bins !== undefined) this.#bins[binOf(value)]++;
    else if (this.#values!.push(value) > kept) {
      this.#bins = new Uint32Array(binsPerDecade * decades);
      for (const one of this.#values!) this.#bins[binOf(one)]++;
      this.#values = undefined;
    }
  }

  /** The value below which this part of all lies, the two around it weighted; 0.5 is the median. */
  quantile(part: number): number {
    if (this.#values !== undefined) {
      const sorted = Float64Array.from(this.#values).sort();
      const place = part * (sorted.length - 1);
      const low = Math.floor(place);
      const high = Math.min(low + 1, sorted.length - 1);
      return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
    }
    let left = part * (this.#count - 1);
    const bins = this.#bins!;
    for (let bin = 0; bin < bins.length; bin++) {
      left -= bins[bin];
      if (left < 0) return Math.min(this.#max, Math.max(this.#min, middleOf(bin)));
    }
    return this.#max;
  }

  /** Undefined when there are none. */
  spread(): Spread | undefined {
    if (this.#count === 0) return undefined;
    return {
      min: this.#min,
      median: this.quantile(0.5),
      mean: this.#total / this.#count,
      p95: this.quantile(0.95),
      max: this.#max,
      total: this.#total,
    };
  }
}

function binOf(value: number): number {
  if (!(value > smallest)) return 0;
  return Math.min(binsPerDecade * decades - 1, Math.floor(Math.log10(value / smallest) * binsPerDecade));
}

function middleOf(bin: number): number {
  return bin === 0 ? 0 : smallest * 10 ** ((bin + 0.5) / binsPerDecade);
}
