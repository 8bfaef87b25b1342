// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdColumns, DataIdValue, DatasetColumns, DimensionRecord } from '../../src/butler/index.ts';
import { DimensionUniverse } from '../../src/butler/index.ts';
import type { CandidateSource } from '../../src/graph/index.ts';

const batchRows = 100_000;
const tractsAcross = 14;
const patchesAcross = 7;
const bands = ['u', 'g', 'r', 'i', 'z', 'y'];

/** Where detectors of a focal plane of 15 × 15 without its corners (3 × 3 each) are, in detectors from the centre: 189 of them. */
const focalPlane = Array.from({ length: 225 }, (_, i) => [(i % 15) - 7, Math.floor(i / 15) - 7] as const).filter(
  ([x, y]) => !(Math.abs(x) > 4 && Math.abs(y) > 4),
);

export interface PreviewSize {
  exposures: number;
  tracts: number;
}

/**
 * A registry of a data preview, computed instead of stored: exposures of 189 detectors over tracts of 7 × 7 patches in six bands. A
 * patch is as large as a detector, so that a detector falls into four patches, as with LSSTCam and the patches of DP1 and DP2.
 */
export class PreviewSource implements CandidateSource {
  readonly repositoryId = '01900000-0000-7000-8000-000000000000';
  readonly universe = new DimensionUniverse();
  readonly size: PreviewSize;

  constructor(size: PreviewSize) {
    this.size = size;
  }

  async hasRun(): Promise<boolean> {
    return false;
  }

  async count({ dimensions }: { dimensions: readonly string[] }): Promise<number> {
    return this.size.exposures * focalPlane.length * (dimensions.includes('tract') ? 4 : 1);
  }

  async datasetTypeNames(): Promise<readonly string[]> {
    return ['raw'];
  }

  async *dataIds({ dimensions }: { dimensions: readonly string[] }): AsyncIterable<DataIdColumns> {
    const sky = dimensions.includes('tract');
    let batch = new Batch(dimensions);
    for (let e = 0; e < this.size.exposures; e++) {
      const own = this.#exposure(e);
      for (const [detector, [dx, dy]] of focalPlane.entries()) {
        if (!sky) batch.push({ ...own.values, detector });
        else {
          for (const [x, y] of [
            [0, 0],
            [1, 0],
            [0, 1],
            [1, 1],
          ]) {
            const at = this.#patch(Math.floor(own.x + dx) + x, Math.floor(own.y + dy) + y);
            if (at !== undefined) batch.push({ ...own.values, detector, ...at });
          }
        }
      }
      if (batch.rows >= batchRows) {
        yield batch;
        batch = new Batch(dimensions);
      }
    }
    if (batch.rows > 0) yield batch;
  }

  async *datasets({ datasetType, dimensions }: Parameters<CandidateSource['datasets']>[0]) {
    if (datasetType !== 'raw') return;
    let batch = new Batch(dimensions);
    let ids: string[] = [];
    const found = (): DatasetColumns => ({ ...batch, datasetType, ids, runs: ids.map(() => 'raw/all') });
    for (let e = 0; e < this.size.exposures; e++) {
      const { values } = this.#exposure(e);
      for (const detector of focalPlane.keys()) {
        batch.push({ ...values, detector });
        ids.push(rawId(e, detector));
      }
      if (batch.rows >= batchRows) {
        yield found();
        batch = new Batch(dimensions);
        ids = [];
      }
    }
    if (batch.rows > 0) yield found();
  }

  async explain(): Promise<string[]> {
    return [];
  }

  async calibrations({ datasetType, dimensions }: Parameters<CandidateSource['calibrations']>[0]) {
    const rows = focalPlane.length;
    const column = (value: (detector: number) => DataIdValue) => Array.from({ length: rows }, (_, i) => value(i));
    const kind = datasetType === 'bias' ? 1 : 2;
    return {
      rows,
      dimensions,
      datasetType,
      columns: { instrument: column(() => 'LSSTCam'), detector: column((i) => i) },
      ids: column((i) => `01900000-0000-7000-9000-0000000${kind}${hex(i, 4)}`) as string[],
      runs: column(() => 'calib') as string[],
      timespans: column(() => 0).map(() => null),
      order: new Uint32Array(rows),
    };
  }

  async records(element: string, within: DataIdColumns): Promise<DimensionRecord[]> {
    return Array.from({ length: within.rows }, (_, i) => ({
      ...Object.fromEntries(within.dimensions.map((name) => [name, within.columns[name][i]])),
      id: within.columns[element][i],
    }));
  }

  async files(ids: readonly string[]) {
    return ids.map((id) => [
      {
        datasetId: id,
        path: `raw/all/raw/${id.slice(-9, -4)}/raw_LSSTCam_${id.slice(-9, -4)}_${id.slice(-4)}.fits`,
        formatter: 'skymill.formatters.Raw',
        storageClass: 'Exposure',
        component: null,
        sizeBytes: 18_000_000,
        checksum: null,
      },
    ]);
  }

  async registered(name: string): ReturnType<CandidateSource['registered']> {
    return name === 'raw'
      ? { dimensions: ['instrument', 'exposure', 'detector'], storageClass: 'StructuredDataDict' }
      : undefined;
  }

  convertible(from: string, to: string): boolean {
    return from === to;
  }

  /** Centres are spread evenly over the tracts (additive recurrence of the golden and silver ratios), edges included. */
  #exposure(e: number): { x: number; y: number; values: Record<string, DataIdValue> } {
    const across = tractsAcross * patchesAcross;
    const down = (this.size.tracts / tractsAcross) * patchesAcross;
    const band = bands[e % bands.length];
    const values = {
      instrument: 'LSSTCam',
      skymap: 'lsst_cells_v1',
      exposure: 2026000000000 + e,
      visit: 2026000000000 + e,
      group: `g${e}`,
      day_obs: 20260101 + Math.floor(e / 800),
      band,
      physical_filter: `${band}_01`,
    };
    return { x: across * ((e * 0.7548776662466927) % 1), y: down * ((e * 0.5698402909980532) % 1), values };
  }

  #patch(x: number, y: number): { tract: number; patch: number } | undefined {
    if (x < 0 || y < 0 || x >= tractsAcross * patchesAcross) return undefined;
    const tract = Math.floor(y / patchesAcross) * tractsAcross + Math.floor(x / patchesAcross);
    if (tract >= this.size.tracts) return undefined;
    return { tract, patch: (y % patchesAcross) * patchesAcross + (x % patchesAcross) };
  }
}

class Batch implements DataIdColumns {
  rows = 0;
  readonly dimensions: readonly string[];
  readonly columns: Record<string, DataIdValue[]>;

  constructor(dimensions: readonly string[]) {
    this.dimensions = dimensions;
    this.columns = Object.fromEntries(dimensions.map((name) => [name, []]));
  }

  push(values: Record<string, DataIdValue>): void {
    for (const name of this.dimensions) this.columns[name].push(values[name]);
    this.rows++;
  }
}

function rawId(exposure: number, detector: number): string {
  // Scattered, as ids are that many processes made.
  const scattered = Math.imul(exposure * 256 + detector, 0x9e3779b1) >>> 0;
  return `0190${hex(scattered >>> 16, 4)}-${hex(scattered & 0xffff, 4)}-7000-8000-000${hex(exposure, 5)}${hex(detector, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
