// SPDX-License-Identifier: BSD-3-Clause
import type { Concentration } from './model.ts';

/** One property of things that were tried, as small numbers: `codes[i]` of thing i, and how often each number occurs. */
export interface Property {
  name: string;
  codes: ArrayLike<number>;
  counts: Uint32Array;
  value(code: number): string | number;
}

export function countCodes(codes: ArrayLike<number>, size: number, things?: ArrayLike<number>): Uint32Array {
  const counts = new Uint32Array(size);
  if (things === undefined) for (let i = 0; i < codes.length; i++) counts[codes[i]]++;
  else for (let i = 0; i < things.length; i++) counts[codes[things[i]]]++;
  return counts;
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
 * @param properties of everything that was tried
 * @param failed those that failed
 */
export function concentrations(properties: readonly Property[], failed: readonly number[]): Concentration[] {
  const found: Concentration[] = [];
  let all: readonly number[] | undefined; // undefined: everything
  let bad = failed;
  while (found.length < most) {
    const best = sharpest(properties, all, bad);
    if (best === undefined) break;
    const { codes: values, property, finding } = best;
    found.push(finding);
    const has = (i: number) => values.includes(property.codes[i]);
    all = all === undefined ? placesOf(property.codes, has) : all.filter(has);
    bad = bad.filter(has);
  }
  return found;
}

function placesOf(codes: ArrayLike<number>, has: (i: number) => boolean): number[] {
  const places: number[] = [];
  for (let i = 0; i < codes.length; i++) if (has(i)) places.push(i);
  return places;
}

interface Found {
  property: Property;
  codes: readonly number[];
  finding: Concentration;
  logChance: number;
}

function sharpest(
  properties: readonly Property[],
  all: readonly number[] | undefined,
  bad: readonly number[],
): Found | undefined {
  const size = all?.length ?? properties[0]?.codes.length ?? 0;
  if (bad.length < least || bad.length === size) return undefined;
  let best: Found | undefined;
  for (const property of properties) {
    const inBad = new Map<number, number>();
    for (const i of bad) inBad.set(property.codes[i], (inBad.get(property.codes[i]) ?? 0) + 1);
    const largest = [...inBad].filter(([, count]) => count >= least).sort((a, b) => b[1] - a[1]);
    if (largest.length === 0) continue;
    const inAll = all === undefined ? property.counts : countCodes(property.codes, property.counts.length, all);
    const choices = inAll.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    let failures = 0;
    let of = 0;
    for (let n = 1; n <= Math.min(together, largest.length); n++) {
      const [code, count] = largest[n - 1];
      if (count / bad.length < (1.5 * inAll[code]) / size) break;
      failures += count;
      of += inAll[code];
      // Among a thousand detectors one always stands out: the choices count.
      const logChance = logBinomialTail(bad.length, failures, of / size) + n * Math.log(choices);
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
        ofTried: size,
      };
      best = { property, codes, finding, logChance };
    }
  }
  return best;
}

/** Natural logarithm of the chance of at least k of n where each comes with probability p; by Chernoff's bound (never too small a chance). */
function logBinomialTail(n: number, k: number, p: number): number {
  const part = k / n;
  if (part <= p) return 0;
  if (part === 1) return n * Math.log(p);
  return -n * (part * Math.log(part / p) + (1 - part) * Math.log((1 - part) / (1 - p)));
}
