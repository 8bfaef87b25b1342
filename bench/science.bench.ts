// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { coaddBand } from '../src/pixels/index.ts';
import { medianValue } from '../test/support/scene.ts';
import { compareExtraction, sdssSettings, sepSettings } from '../test/support/science/extraction.ts';
import {
  blockMedians,
  calibratedDifference,
  nickelCalibrated,
  openNickel,
  overscanDifference,
  plainMasters,
  worstRelative,
} from '../test/support/science/nickel.ts';
import { calibrateFrame, calibrationResiduals, compareWithList } from '../test/support/science/sdss.ts';
import { differences, loadSwarp } from '../test/support/science/swarp.ts';
import { sdssFrames, sdssReferences, sdssSourceTables, sdssWcs } from '../test/support/sdss-lists.ts';
import { sharedPath } from '../test/support/shared.ts';
import { atLeast, below, type Figure } from './figure.ts';

/** The science against independent results on real telescope data; parts whose data are absent say so and are left out. */
export async function* figures(): AsyncGenerator<Figure> {
  yield* onData('data/sdss-stripe82', sdss);
  yield* onData('data/sdss-stripe82/reference/swarp', swarp);
  yield* onData('data/nickel-raw', nickel);
  yield* onData('data/sep-reference', sourceExtractor);
}

async function* onData(folder: string, body: (dir: string) => AsyncGenerator<Figure>): AsyncGenerator<Figure> {
  const dir = sharedPath(folder);
  if (dir !== undefined) yield* body(dir);
  else process.stderr.write(`*** left out: there is no ${folder} beside the project (set SKYMILL_SHARED)\n`);
}

async function* sdss(dir: string): AsyncGenerator<Figure> {
  const lists = sdssSourceTables(dir);
  for (const [i, { name, band }] of sdssFrames.entries()) {
    if (!'gri'.includes(band)) continue;
    const { wanted, found, bright, alone } = await compareWithList(dir, i, lists[i]);
    // Source Extractor on the two r frames, its default filter, counted the same way.
    const peer = { '4192 r': '96.2 (Source Extractor)', '6377 r': '95.9 (Source Extractor)' }[name];
    yield {
      figure: `SDSS ${name}: listed sources above S/N 10 found within 1 px (${wanted})`,
      unit: '%',
      peer,
      ...atLeast((100 * found) / wanted, 96),
    };
    yield {
      figure: `SDSS ${name}: ours above S/N 10 with nothing listed within 2 px (${bright})`,
      unit: '%',
      ...below((100 * alone) / bright, 4),
    };
  }
  const references = await sdssReferences(dir);
  for (const [i, frame] of sdssFrames.entries()) {
    const { outputs } = await calibrateFrame(i, lists[i], references, sdssWcs(dir, frame));
    const { dRa, dDec, dMag } = calibrationResiduals(outputs.srcMatch);
    yield {
      figure: `SDSS ${frame.name}: positions against stars above S/N 30, larger coordinate`,
      unit: 'arcsec',
      ...below(Math.max(dRa, dDec), 0.06),
    };
    yield {
      figure: `SDSS ${frame.name}: scatter of the zero point, stars above S/N 50`,
      unit: 'mag',
      ...below(dMag, 0.025),
    };
  }
}

async function* swarp(dir: string): AsyncGenerator<Figure> {
  const { references, coadd, warpAll } = await loadSwarp(dir);
  const warps = warpAll(true);
  const stacked = coaddBand(
    warps.map((warp) => ({ ...warp, weight: 1 })),
    700,
    700,
    { clip: false },
  );
  const pairs = [
    ...warps.map((warp, k) => ({ what: `warp ${k + 1}`, ours: warp.image, theirs: references[k].data })),
    { what: 'coadd', ours: stacked.image, theirs: coadd.data },
  ];
  for (const { what, ours, theirs } of pairs) {
    const { median, p99 } = differences(ours, theirs);
    const figure = `SDSS r ${what} against SWarp: pixel difference / noise`;
    yield { figure: `${figure}, median`, unit: 'sigma', ...below(median, 0.05) };
    yield { figure: `${figure}, 99 %`, unit: 'sigma', ...below(p99, 1) };
  }
  const same = warpAll(false).map((warp, k) => differences(warp.image, references[k].data));
  yield {
    figure: 'the same with uncentred Lanczos weights, as SWarp has them, 99 %',
    unit: 'sigma',
    ...below(Math.max(...same.map((d) => d.p99)), 0.05),
  };
}

async function* nickel(dir: string): AsyncGenerator<Figure> {
  const data = await openNickel(dir);
  const { facts } = data;
  const names = Object.keys(facts.frames);
  const levels: number[] = [];
  for (const name of names) levels.push(await overscanDifference(data, name));
  yield {
    figure: `Nickel: overscan levels of ${names.length} frames, largest difference`,
    unit: 'ADU',
    ...below(Math.max(...levels), 0.1),
  };
  const masters = await plainMasters(data);
  const percent = (figure: string, relative: number): Figure => ({ figure, unit: '%', ...below(100 * relative, 0.1) });
  const against = (key: string, image: typeof masters.bias) =>
    worstRelative(blockMedians(image), facts[key].block_median_128);
  yield percent('Nickel: master bias, largest block median difference', against('master_bias', masters.bias));
  yield percent('Nickel: master flat, largest block median difference', against('master_flat_V', masters.flat));
  for (const name of nickelCalibrated)
    yield percent(
      `Nickel: calibrated ${name}, largest block median difference`,
      await calibratedDifference(data, masters, name),
    );
}

async function* sourceExtractor(dir: string): AsyncGenerator<Figure> {
  const cases = [
    {
      what: 'reference image',
      image: join(dir, 'image.fits'),
      catalogue: join(dir, 'image.cat'),
      settings: sepSettings,
    },
    ...['004192-r4-0300', '006377-r4-0399'].map((frame) => ({
      what: `SDSS ${frame.slice(0, 9)}`,
      image: join(dir, `../sdss-stripe82/${frame.slice(2, 6)}/40/corr/4/fpC-${frame}.fit.gz`),
      catalogue: join(dir, `../sdss-stripe82/reference/source-extractor/${frame}.cat`),
      settings: sdssSettings,
    })),
  ];
  for (const { what, image, catalogue, settings } of cases) {
    const { ours, theirs, pairs, aperture, isophotal } = await compareExtraction(image, catalogue, settings);
    const prefix = `Source Extractor's catalogue of ${what}`;
    yield { figure: `${prefix}: matched (${theirs})`, unit: '%', ...atLeast((100 * pairs.length) / theirs, 98) };
    yield { figure: `${prefix}: objects, ours / theirs`, unit: '', value: ours.x.length / theirs };
    yield {
      figure: `${prefix}: aperture fluxes, median difference`,
      unit: '%',
      ...below(100 * medianValue(aperture), 0.5),
    };
    if (isophotal.length > 0)
      yield {
        figure: `${prefix}: isophotal fluxes, median difference`,
        unit: '%',
        ...below(100 * medianValue(isophotal), 0.5),
      };
  }
}
