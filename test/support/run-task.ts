// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataId, DeferredDataset } from '../../src/butler/index.ts';
import type { TaskDefinition } from '../../src/pipeline/index.ts';
import type { Exposure, MaskedImage, PixelBox } from '../../src/pixels/index.ts';

export interface RanTask {
  // biome-ignore lint/suspicious/noExplicitAny: outputs follow the storage classes of the task's connections
  outputs: any;
  metrics: Record<string, number | string | boolean>;
  messages: string[];
  caveats: string[];
}

/** Runs a task's code in this process on objects in memory, with its configuration validated as a pipeline's would be. */
export async function runTask<Config>(
  task: TaskDefinition<Config>,
  inputs: Record<string, unknown>,
  options: {
    config?: Record<string, unknown>;
    dataId?: DataId;
    records?: Record<string, Record<string, unknown>>;
    inputDataIds?: Record<string, readonly DataId[]>;
    outputDataIds?: Record<string, readonly DataId[]>;
  } = {},
): Promise<RanTask> {
  const metrics: RanTask['metrics'] = {};
  const messages: string[] = [];
  const caveats: string[] = [];
  const log = (level: string) => (message: string) => messages.push(`${level}: ${message}`);
  const scratch = mkdtempSync(join(tmpdir(), 'skymill-task-'));
  try {
    const outputs = await task.run(inputs, {
      label: task.name,
      config: task.config.parse(options.config ?? {}),
      dataId: options.dataId ?? {},
      records: options.records ?? {},
      inputDataIds: options.inputDataIds ?? {},
      outputDataIds: options.outputDataIds ?? {},
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      caveat: (_kind, reason) => caveats.push(reason),
      scratch,
      seed: 1,
      metric: (name, value) => {
        metrics[name] = value;
      },
    });
    return { outputs, metrics, messages, caveats };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** A dataset in memory that gives its whole, components and cut-outs, and counts what was asked of it. */
export function deferredOf<T>(object: T): DeferredDataset<T> & { asked: string[] } {
  const asked: string[] = [];
  return {
    ref: undefined as never,
    asked,
    async get(options) {
      const bbox = options?.parameters?.['bbox'] as PixelBox | undefined;
      asked.push(
        options?.component ?? (bbox === undefined ? 'whole' : `bbox ${bbox.x0} ${bbox.y0} ${bbox.x1} ${bbox.y1}`),
      );
      const exposure = object as unknown as Exposure;
      if (options?.component === 'bbox') {
        const { x0, y0, width, height } = exposure;
        return { x0, y0, x1: x0 + width, y1: y0 + height } as T;
      }
      if (options?.component !== undefined) return (exposure as unknown as Record<string, T>)[options.component];
      return bbox === undefined ? object : (cutout(exposure, bbox) as T);
    },
  };
}

function cutout(exposure: Exposure, box: PixelBox): Exposure {
  const width = box.x1 - box.x0;
  const height = box.y1 - box.y0;
  const plane = <P extends Float32Array | Int32Array>(from: P): P => {
    const to = new (from.constructor as new (n: number) => P)(width * height);
    for (let y = 0; y < height; y++) {
      const start = (box.y0 - exposure.y0 + y) * exposure.width + box.x0 - exposure.x0;
      to.set(from.subarray(start, start + width), y * width);
    }
    return to;
  };
  const { image, variance, mask }: MaskedImage = exposure;
  return {
    ...exposure,
    width,
    height,
    x0: box.x0,
    y0: box.y0,
    image: plane(image),
    variance: plane(variance),
    mask: plane(mask),
  };
}
