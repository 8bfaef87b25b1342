// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Instrument, makeInstrument, type RawExposure } from '../../src/instruments/index.ts';
import { type Exposure, maskBits, median } from '../../src/pixels/index.ts';
import { cpBias } from '../../src/tasks/cpBias/index.ts';
import { PlaneStore } from '../../src/tasks/cpCombine/index.ts';
import { cpDark } from '../../src/tasks/cpDark/index.ts';
import { cpFlat } from '../../src/tasks/cpFlat/index.ts';
import { isr } from '../../src/tasks/isr/index.ts';
import { deferredOf, runTask } from '../support/run-task.ts';

/** A detector of 64 x 48 pixels read through two amplifiers, the right one mirrored, with five overscan columns each. */
const camera = {
  name: 'TwoAmp',
  plateScaleArcsecPerMm: 20,
  match: { INSTRUME: 'TwoAmp' },
  filters: { 'TwoAmp-g': 'g' },
  detectorTypes: {
    chip: {
      size: [64, 48],
      pixelSizeMm: 0.015,
      amplifiers: [
        { name: 'L', datasec: '[1:32,1:48]', biassec: '[33:37,1:48]', detsec: '[1:32,1:48]' },
        { name: 'R', datasec: '[43:74,1:48]', biassec: '[38:42,1:48]', detsec: '[64:33,1:48]' },
      ].map((amplifier) => ({ ...amplifier, gain: 2, readNoise: 6, saturation: 50000 })),
    },
  },
  detectors: [{ id: 7, name: 'C7', type: 'chip', defects: ['[10:10,1:48]'] }],
  translate: {
    exposure: { key: 'EXPID' },
    physicalFilter: { key: 'FILTER' },
    observationType: { key: 'IMTYPE' },
    exposureTimeSeconds: { key: 'EXPTIME' },
    begin: { key: 'DATE-OBS', format: 'isot', timescale: 'utc' },
  },
};
const truth = {
  level: [1000, 1200],
  bias: (x: number, y: number) => 5 * Math.sin(x / 9) + 0.1 * y,
  darkPerSecond: (x: number, y: number) => (x === 20 && y === 30 ? 8 : 0.05),
  response: (x: number, y: number) => 1 - 0.2 * ((x - 32) / 32) ** 2 + 0.01 * ((x * 7 + y * 13) % 5),
};

let instrument: Instrument;
let state = 99;
const uniform = (): number => {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
};
const gaussian = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

/** A raw exposure with light of so many ADU a pixel (before the response) and the camera's own noise. */
function rawOf(
  id: number,
  type: string,
  seconds: number,
  light: number,
  spot?: { x: number; y: number; adu: number },
): RawExposure {
  const detector = instrument.detector(7);
  const width = 74;
  const data = new Float32Array(width * 48);
  detector.amplifiers.forEach((amplifier, a) => {
    for (let y = 0; y < 48; y++) {
      const drift = 0.05 * y;
      for (let i = 0; i < 5; i++) {
        data[y * width + amplifier.rawOverscan!.x0 + i] = Math.round(truth.level[a] + drift + 3 * gaussian());
      }
      for (let i = 0; i < 32; i++) {
        const x = a === 0 ? i : 63 - i;
        let signal = light * truth.response(x, y) + truth.darkPerSecond(x, y) * seconds;
        if (spot !== undefined && spot.x === x && spot.y === y) signal += spot.adu;
        const noise = Math.sqrt(9 + signal / 2) * gaussian();
        data[y * width + amplifier.rawData.x0 + i] = Math.round(
          truth.level[a] + drift + truth.bias(x, y) + signal + noise,
        );
      }
    }
  });
  const headers = [
    {
      INSTRUME: 'TwoAmp',
      EXPID: id,
      FILTER: 'TwoAmp-g',
      IMTYPE: type,
      EXPTIME: seconds,
      'DATE-OBS': '2026-03-01T01:02:03',
    },
  ];
  return {
    instrument,
    detector,
    amplifiers: detector.amplifiers.map((amplifier) => ({ amplifier, data, width, height: 48 })),
    headers,
    info: instrument.translate(headers, 'test.fits'),
    visitInfo: { exposureTimeSeconds: seconds, darkTimeSeconds: seconds, mjdTai: 61000 },
    wcs: undefined,
  };
}

describe('building calibrations and using them', () => {
  const masters: { bias?: Exposure; dark?: Exposure; flat?: Exposure } = {};
  beforeAll(async () => {
    instrument = await makeInstrument(camera, 'two-amp.yaml');
    const raws = (type: string, n: number, seconds: number, light: number) =>
      Array.from({ length: n }, (_, i) =>
        deferredOf(rawOf(1000 + i, type, seconds, light * (1 + 0.1 * i), { x: 3 + i, y: 5, adu: 900 })),
      );
    masters.bias = (await runTask(cpBias, { raws: raws('bias', 40, 0, 0) })).outputs.bias;
    masters.dark = (await runTask(cpDark, { raws: raws('dark', 20, 300, 0), bias: masters.bias })).outputs.dark;
    const flat = await runTask(
      cpFlat,
      { raws: raws('flat', 12, 5, 15000), bias: masters.bias, dark: masters.dark },
      { config: { doDark: true, memoryLimitBytes: 20000 } },
    );
    masters.flat = flat.outputs.flat;
  });

  test('the master bias is the bias, without the cosmic rays of single frames', () => {
    const { image, variance } = masters.bias!;
    for (let y = 0; y < 48; y++) {
      for (let x = 0; x < 64; x++) {
        // 3 ADU of read noise in 40 frames, and the overscan's own: 5 sigma
        expect(Math.abs(image[y * 64 + x] - truth.bias(x, y))).toBeLessThan(
          5 * Math.sqrt((9 / 40) * (1 + Math.PI / 10)),
        );
      }
    }
    expect(Math.sqrt(median(variance))).toBeCloseTo(Math.sqrt((9 * (1 + Math.PI / 10)) / 40), 1);
  });

  test('the master dark is a rate and shows the hot pixel', () => {
    const { image, metadata } = masters.dark!;
    expect(image[30 * 64 + 20]).toBeCloseTo(8, 1);
    expect(median(image)).toBeCloseTo(0.05, 2);
    expect(metadata['BUNIT']).toBe('adu/s');
    expect(metadata['CALNEXP']).toBe(20);
  });

  test('the flat is the response, also when most planes wait on disk', () => {
    const { image, physicalFilter, band } = masters.flat!;
    expect([physicalFilter, band]).toEqual(['TwoAmp-g', 'g']);
    const ratios: number[] = [];
    for (let y = 0; y < 48; y++) for (let x = 0; x < 64; x++) ratios.push(image[y * 64 + x] / truth.response(x, y));
    const norm = median(ratios);
    for (const ratio of ratios) expect(Math.abs(ratio / norm - 1)).toBeLessThan(0.012);
    expect(Math.abs(median(image) - 1)).toBeLessThan(0.002);
  });

  test('a science exposure comes out flat, with noise as its variance says', async () => {
    const raw = rawOf(5000, 'science', 120, 800);
    raw.amplifiers[0].data[10 * 74 + 12] = 60000;
    const { outputs, metrics } = await runTask(isr, { raw, ...masters }, { config: { doDark: true } });
    const image = outputs.outputExposure as Exposure;
    const good = Array.from(image.image.keys()).filter((i) => image.mask[i] === 0);
    expect(good.length).toBeGreaterThan(2800);
    const level = median(good.map((i) => image.image[i]));
    expect(Math.abs(level / (800 / 0.95) - 1)).toBeLessThan(0.08); // the flat's normalisation is its median response
    const pulls = good.map((i) => (image.image[i] - level) / Math.sqrt(image.variance[i]));
    const rms = Math.sqrt(pulls.reduce((a, b) => a + b * b, 0) / pulls.length);
    expect(Math.abs(rms - 1)).toBeLessThan(0.12);
    const saturated = 10 * 64 + 12;
    expect(image.mask[saturated]).toBe(maskBits('SAT', 'INTRP'));
    expect(image.mask[saturated + 65]).toBe(maskBits('SAT', 'INTRP')); // grown by one
    expect(Math.abs(image.image[saturated] / level - 1)).toBeLessThan(0.2);
    expect(image.mask[20 * 64 + 9]).toBe(maskBits('BAD', 'INTRP')); // the defect column
    expect(metrics['overscan.level.L']).toBeCloseTo(1001, 0);
    expect(metrics['overscan.level.R']).toBeCloseTo(1201, 0);
    expect(Math.abs(Number(metrics['overscan.noise.L']) - 3)).toBeLessThan(0.5);
    expect(image.band).toBe('g');
  });

  test('the gain turns ADU into electrons, and steps can be left out', async () => {
    const raw = rawOf(5001, 'science', 10, 500);
    const config = { doBias: false, doFlat: false, doCosmicRays: false, doInterpolate: false };
    const adu = (await runTask(isr, { raw }, { config })).outputs.outputExposure as Exposure;
    const electrons = (await runTask(isr, { raw }, { config: { ...config, doApplyGain: true } })).outputs
      .outputExposure as Exposure;
    expect(electrons.image[777]).toBeCloseTo(2 * adu.image[777], 3);
    expect(electrons.variance[777]).toBeCloseTo(4 * adu.variance[777], 2);
    expect(electrons.metadata['BUNIT']).toBe('electron');
    const kept = isr.adjustConnections!({ ...isr.connections }, isr.config.parse(config));
    expect(Object.keys(kept)).toEqual(['raw', 'outputExposure']);
    const soft = await runTask(isr, { raw }, { config: { ...config, overscan: 'none', pedestalAdu: 1000 } });
    expect(soft.outputs.outputExposure.image[0]).toBe(raw.amplifiers[0].data[0] - 1000);
  });

  test('a defects table masks further boxes', async () => {
    const defects = {
      rows: 1,
      columns: { x0: Int32Array.of(30), y0: Int32Array.of(4), width: Int32Array.of(2), height: Int32Array.of(3) },
    };
    const { outputs } = await runTask(
      isr,
      { raw: rawOf(5002, 'science', 10, 500), ...masters, defects },
      { config: { doDefectTable: true } },
    );
    expect(outputs.outputExposure.mask[6 * 64 + 31] & maskBits('BAD')).not.toBe(0);
    expect(outputs.outputExposure.mask[7 * 64 + 31] & maskBits('BAD')).toBe(0);
  });

  test('a look-up table of non-linearity replaces the polynomial, amplifier by amplifier', async () => {
    const raw = rawOf(5003, 'science', 10, 9000);
    const config = { doBias: false, doFlat: false, doCosmicRays: false, doInterpolate: false };
    const linearizer = {
      rows: 3,
      columns: {
        amplifier: ['R', 'R', 'R'],
        measured: Float64Array.of(0, 5000, 20000),
        corrected: Float64Array.of(0, 5000, 23000),
      },
    };
    const plain = (await runTask(isr, { raw }, { config })).outputs.outputExposure as Exposure;
    const corrected = (await runTask(isr, { raw, linearizer }, { config: { ...config, doLinearizer: true } })).outputs
      .outputExposure as Exposure;
    expect(corrected.image[10]).toBe(plain.image[10]);
    const v = plain.image[50];
    expect(v).toBeGreaterThan(5000);
    expect(Math.abs(corrected.image[50] - (v + ((v - 5000) * 3000) / 15000))).toBeLessThan(1);
    const falling = { ...linearizer, columns: { ...linearizer.columns, measured: Float64Array.of(0, 5000, 4000) } };
    await expect(
      runTask(isr, { raw, linearizer: falling }, { config: { ...config, doLinearizer: true } }),
    ).rejects.toThrow(/amplifier R: the 3 pairs of its linearity table do not rise/);
  });

  test('faint flats are left out with the reason', async () => {
    const raws = [
      deferredOf(rawOf(1, 'flat', 5, 20)),
      ...[2, 3, 4].map((id) => deferredOf(rawOf(id, 'flat', 5, 9000))),
    ];
    const { messages, outputs } = await runTask(cpFlat, { raws, bias: masters.bias });
    expect(messages).toEqual([expect.stringMatching(/^warn: exposure 1 is left out: its median level is/)]);
    expect(outputs.flat.metadata['CALNEXP']).toBe(3);
  });
});

describe('plane store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skymill-planes-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('gives back every band, from memory and from disk, and cleans up', () => {
    const store = new PlaneStore({ limitBytes: 900, scratch: folder });
    const planes = Array.from({ length: 5 }, (_, k) => Float32Array.from({ length: 100 }, (_v, i) => k * 1000 + i));
    for (const plane of planes) store.add(plane);
    expect(store.memoryBytes).toBe(800);
    expect(readdirSync(folder).length).toBe(3);
    const into = new Float32Array(40);
    for (let k = 0; k < 5; k++) {
      for (const [begin, end] of [
        [0, 40],
        [37, 60],
        [90, 100],
      ]) {
        expect([...store.band(k, begin, end, into)]).toEqual([...planes[k].subarray(begin, end)]);
      }
    }
    store.close();
    expect(readdirSync(folder)).toEqual([]);
  });
});
