// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import type { TaskDefinition, TaskResolver } from '../../../pipeline/index.ts';
import { runErrors } from '../../errors.ts';
import type { PlainTask } from '../protocol.ts';

/** A task ready to run: its code and its configuration, made once per worker. */
export interface LoadedTask {
  readonly plain: PlainTask;
  readonly definition: TaskDefinition;
  readonly config: unknown;
  /** Digest of label and configuration, where seeds begin. */
  readonly digest: string;
  /** Init inputs by connection, read when first wanted. */
  initInputs?: Readonly<Record<string, unknown>>;
}

export class TaskLibrary {
  readonly #resolve: TaskResolver;
  readonly #tasks: readonly PlainTask[];
  readonly #loaded = new Map<number, LoadedTask>();

  constructor(resolve: TaskResolver, tasks: readonly PlainTask[]) {
    this.#resolve = resolve;
    this.#tasks = tasks;
  }

  async load(index: number): Promise<LoadedTask> {
    const known = this.#loaded.get(index);
    if (known !== undefined) return known;
    const plain = this.#tasks[index];
    if (plain === undefined) throw runErrors.PROTOCOL({ problem: `task ${index} of ${this.#tasks.length}` });
    const definition = await this.#resolve(plain.taskClass);
    if (definition === undefined) throw runErrors.TASK_NOT_FOUND({ taskClass: plain.taskClass, label: plain.label });
    const loaded: LoadedTask = {
      plain,
      definition,
      config: definition.config.parse(plain.config),
      digest: createHash('sha256')
        .update(`${plain.label}\n${JSON.stringify(plain.config)}`)
        .digest('hex'),
    };
    this.#loaded.set(index, loaded);
    return loaded;
  }
}

/** A 32-bit seed that depends on label, configuration and data ID alone: the same quantum of another graph or attempt gets the same. */
export function seedOf(task: LoadedTask, dataId: Readonly<Record<string, string | number>>): number {
  const keys = Object.keys(dataId).sort();
  const text = `${task.digest}\n${keys.map((key) => `${key}=${dataId[key]}`).join('\n')}`;
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
