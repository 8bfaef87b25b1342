// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { automaticConnectionsOf } from '../resolve/connections.ts';
import type { ResolvedTask } from '../resolve/model.ts';
import type { Connection, PythonHooks } from '../task.ts';
import type { TaskDescription } from './protocol.ts';

/** Dimension that stands for the sky pixels in which a dataset type happens to be kept. */
const anySkyPixel = 'skypix';

/** A described task as pipelines hold it. Its runner is Python: nothing of it can be called in this process. */
export function describedTask(label: string, described: TaskDescription, skyPixel: string): ResolvedTask {
  const pixels = (names: readonly string[]): string[] => names.map((name) => (name === anySkyPixel ? skyPixel : name));
  const connections: Record<string, Connection> = {};
  for (const [name, { deferBinding, lookupFunction, ...connection }] of Object.entries(described.connections)) {
    if (deferBinding === true && connection.kind === 'input') continue;
    connections[name] = {
      ...connection,
      ...(connection.dimensions === undefined ? {} : { dimensions: pixels(connection.dimensions) }),
    };
  }
  const pythonHooks = hooksOf(described);
  const { [logName]: log, ...automatic } = automaticConnectionsOf(label, described.dimensions);
  const all = Object.freeze({ ...connections, ...automatic, ...(described.log ? { [logName]: log } : {}) });
  const { taskClass, doc, dimensions, config, pythonConfig, spatialBounds, temporalBounds } = described;
  return {
    declaration: Object.freeze({
      label,
      taskClass,
      runner: 'python' as const,
      ...(doc === '' ? {} : { doc }),
      dimensions,
      connections: all,
      config,
      pythonConfig,
      ...(pythonHooks === undefined ? {} : { pythonHooks }),
      resources: {},
      ...(spatialBounds.length > 0 ? { spatialBounds } : {}),
      ...(temporalBounds.length > 0 ? { temporalBounds } : {}),
    }),
    definition: {
      name: taskClass,
      doc,
      dimensions,
      connections,
      config: z.record(z.string(), z.unknown()),
      run() {
        throw new Error(`task ${label} is a Python class and cannot be run by this process`);
      },
    },
  };
}

const logName = '_log';

function hooksOf({ hooks, connections }: TaskDescription): PythonHooks | undefined {
  const lookUps = Object.keys(connections).filter((name) => connections[name].lookupFunction === true);
  if (hooks.length === 0 && lookUps.length === 0) return undefined;
  return { adjust: hooks.includes('adjustQuantum'), adjustAll: hooks.includes('adjust_all_quanta'), lookUps };
}
