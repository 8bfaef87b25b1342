// SPDX-License-Identifier: BSD-3-Clause
import type { Concentration } from './model.ts';

/** One property of things that were tried, as small numbers: `codes[i]` of thing i, and what a number means. */
export interface Property {
  name: string;
  codes: ArrayLike<number>;
  value(code: number): string | number;
}

/** Findings in a row: "host n7, and there detector 53, and of these ...". */
const most = 3;
const together = 3; // values that are named together
const least = 3; // failures below which nothing can be said
/** Chance of a finding where there is none. */
const significance = 1e-3;

/**
 * What failures have in common that others have not: of all properties the value (or up to three values) on which failures are the least
 * likely to fall by chance, where at least half of them have it; then the same among those that have it. So what merely goes along with a finding
 * (the band with the exposure) is not a second one. The chance is that of the binomial tail, times the number of choices there were.
 * @param tried things that were tried, failures among them
 * @param failed those that failed
 */
export function concentrations(
  properties: readonly Property[],
  tried: ArrayLike<number>,
  failed: ArrayLike<number>,
): Concentration[] {
  const found: Concentration[] = [];
  let [all, bad] = [tried, failed];
  while (found.length < most) {
    const best = sharpest(properties, all, bad);
    if (best === undefined) break;
    const { property, codes, finding } = best;
    found.push(finding);
    const has = (i: number) => codes.includes(property.codes[i]);
    [all, bad] = [Array.from(all).filter(has), Array.from(bad).filter(has)];
  }
  return found;
}

interface Found {
  property: Property;
  codes: readonly number[];
  finding: Concentration;
  logChance: number;
}

function sharpest(properties: readonly Property[], all: ArrayLike<number>, bad: ArrayLike<number>): Found | undefined {
  if (bad.length < least || bad.length === all.length) return undefined;
  let best: Found | undefined;
  for (const property of properties) {
    const inBad = countOf(property.codes, bad);
    const largest = [...inBad].filter(([, count]) => count >= least).sort((a, b) => b[1] - a[1]);
    if (largest.length === 0) continue;
    const inAll = countOf(property.codes, all);
    let failures = 0;
    let of = 0;
    for (let n = 1; n <= Math.min(together, largest.length); n++) {
      const [code, count] = largest[n - 1];
      const there = inAll.get(code) ?? count;
      if (count / bad.length < (1.5 * there) / all.length) break;
      failures += count;
      of += there;
      // Among a thousand detectors one always stands out: the choices count.
      const logChance = logBinomialTail(bad.length, failures, of / all.length) + n * Math.log(inAll.size);
      if (2 * failures < bad.length || logChance > Math.log(significance)) continue;
      if (best !== undefined && best.logChance <= logChance) continue;
      const codes = largest.slice(0, n).map(([one]) => one);
      const values = codes.map((one) => property.value(one));
      const finding = {
        property: property.name,
        values,
        failures,
        ofFailures: bad.length,
        tried: of,
        ofTried: all.length,
      };
      best = { property, codes, finding, logChance };
    }
  }
  return best;
}

function countOf(codes: ArrayLike<number>, rows: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]];
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

/** Natural logarithm of the chance of at least k of n where each comes with probability p; by Chernoff's bound (never too small a chance). */
function logBinomialTail(n: number, k: number, p: number): number {
  const part = k / n;
  if (part <= p) return 0;
  if (part === 1) return n * Math.log(p);
  return -n * (part * Math.log(part / p) + (1 - part) * Math.log((1 - part) / (1 - p)));
}
