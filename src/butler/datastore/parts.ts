// SPDX-License-Identifier: BSD-3-Clause
import type { ImagePlane, MaskPlaneImage } from '../formatters/exposure/planes.ts';
import type { StagedFile } from './byte-store.ts';

/** Files that come into place together. The last one's report is that of all; each is whole or not there. */
export function stagedTogether(files: readonly StagedFile[]): StagedFile {
  const each = async (act: (file: StagedFile) => Promise<void>): Promise<void> => {
    for (const file of files) await act(file);
  };
  return {
    report: { sizeBytes: files.reduce((sum, { report }) => sum + report.sizeBytes, 0), checksum: null },
    commit: () => each((file) => file.commit()),
    sync: () => each((file) => file.sync()),
    async place() {
      const folders: string[] = [];
      for (const file of files) folders.push(...(await file.place()));
      return folders;
    },
    revert: () => each((file) => file.revert()),
    discard: () => each((file) => file.discard()),
  };
}

/** A component of an object that is written in parts. Images are objects of planes, which share their place in the parent frame. */
export function takePart(object: unknown, component: string): unknown {
  const whole = object as Record<string, unknown>;
  const part = whole[component];
  const { width, height, x0, y0 } = whole as { width?: number; height?: number; x0?: number; y0?: number };
  const isPlane = part instanceof Float32Array || part instanceof Int32Array;
  return isPlane && width !== undefined ? { width, height, x0: x0 ?? 0, y0: y0 ?? 0, data: part } : part;
}

/** The object of its parts. */
export function assemble(parts: Readonly<Record<string, unknown>>): unknown {
  const whole: Record<string, unknown> = {};
  for (const [component, part] of Object.entries(parts)) {
    const { data, ...place } = (part ?? {}) as Partial<ImagePlane | MaskPlaneImage>;
    const isPlane = (data instanceof Float32Array || data instanceof Int32Array) && place.width !== undefined;
    if (isPlane) Object.assign(whole, place);
    whole[component] = isPlane ? data : part;
  }
  return whole;
}
