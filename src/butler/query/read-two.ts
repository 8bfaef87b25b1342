// SPDX-License-Identifier: BSD-3-Clause

/**
 * Reads two sources in turn, a batch at a time, until one ends: that is the smaller one, and nobody had to count. Each can then be read
 * from its beginning, the other goes on where it was. Undefined (and both are ended) once both have given more than `most` rows.
 */
export async function readUntilOneEnds<T>(
  sources: readonly AsyncIterator<T[]>[],
  most: number,
): Promise<{ readonly held: number; readonly sides: readonly AsyncIterable<T[]>[] } | undefined> {
  const begun: T[][][] = sources.map(() => []);
  const counts = sources.map(() => 0);
  const leave = async (): Promise<void> => {
    for (const source of sources) await source.return?.();
  };
  try {
    while (counts.some((count) => count <= most)) {
      for (const [i, source] of sources.entries()) {
        const { done, value } = await source.next();
        if (done) return { held: i, sides: sources.map((one, k) => continued(begun[k], k === i ? undefined : one)) };
        begun[i].push(value);
        counts[i] += value.length;
      }
    }
  } catch (error) {
    await leave();
    throw error;
  }
  await leave();
  return undefined;
}

async function* continued<T>(begun: T[][], rest: AsyncIterator<T[]> | undefined): AsyncIterable<T[]> {
  try {
    for (let batch = begun.shift(); batch !== undefined; batch = begun.shift()) yield batch;
    while (rest !== undefined) {
      const { done, value } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    await rest?.return?.();
  }
}
