// SPDX-License-Identifier: BSD-3-Clause

/** Indices of bands in order of priority; those not in the list follow by name. */
export function byPriority(bands: readonly string[], priority: readonly string[]): number[] {
  const rank = (band: string): number => {
    const at = priority.indexOf(band);
    return at < 0 ? priority.length : at;
  };
  return bands
    .map((_, i) => i)
    .sort((a, b) => rank(bands[a]) - rank(bands[b]) || (bands[a] < bands[b] ? -1 : bands[a] > bands[b] ? 1 : 0));
}
