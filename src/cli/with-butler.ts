// SPDX-License-Identifier: BSD-3-Clause
import type { Butler } from '../butler/index.ts';

/** Opens a repository, runs the work, and closes it whatever happens. */
export async function withButler<T>(
  root: string,
  options: { writeable: boolean },
  work: (butler: Butler) => Promise<T>,
): Promise<T> {
  const { Butler } = await import('../butler/index.ts');
  const butler = await Butler.open(root, options);
  try {
    return await work(butler);
  } finally {
    await butler.close();
  }
}
