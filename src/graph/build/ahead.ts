// SPDX-License-Identifier: BSD-3-Clause

/**
 * The same values, of which the next is asked for while the caller works on the one before: a database server prepares it on another core
 * meanwhile. Leaving early ends the source, once what was asked for has come.
 */
export async function* ahead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let coming = iterator.next();
  try {
    for (;;) {
      const { done, value } = await coming;
      if (done === true) return;
      coming = iterator.next();
      coming.catch(() => {}); // thrown where it is awaited
      yield value;
    }
  } finally {
    await coming.catch(() => {});
    await iterator.return?.();
  }
}
