// SPDX-License-Identifier: BSD-3-Clause
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskDefinition } from '../../../src/pipeline/index.ts';

/**
 * A task that notes in `<folder>/running` which process is at which of its quanta, and in `<folder>/twice` where it meets another process that lives
 * and is at the same one.
 */
export function exclusive(task: TaskDefinition, folder: string): TaskDefinition {
  const running = join(folder, 'running');
  mkdirSync(running, { recursive: true });
  return {
    ...task,
    async run(inputs, context) {
      const name = `${context.label} ${JSON.stringify(context.dataId)}`;
      const path = join(running, encodeURIComponent(name));
      for (;;) {
        try {
          writeFileSync(path, String(process.pid), { flag: 'wx' });
          break;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
          const other = Number(readFileSync(path, 'latin1'));
          if (lives(other)) appendFileSync(join(folder, 'twice'), `${name} by ${other} and ${process.pid}\n`);
          rmSync(path, { force: true });
        }
      }
      try {
        return await task.run(inputs, context);
      } finally {
        rmSync(path, { force: true });
      }
    },
  };
}

/** What was run by two processes at a time. */
export function runTwice(folder: string): string[] {
  const path = join(folder, 'twice');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z' && pid !== process.pid;
  } catch {
    return false;
  }
}
