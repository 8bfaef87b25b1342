// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Path, size and time of change of everything below a folder. A database's own scratch files (`-wal`, `-shm`) come and go with readers. */
export function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/-(wal|shm)$/.test(name))
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return statSync(join(folder, name)).isDirectory() ? name : `${name} ${size} ${mtimeMs}`;
    });
}
