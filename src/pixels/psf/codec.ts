// SPDX-License-Identifier: BSD-3-Clause
import { pixelErrors } from '../errors.ts';
import type { Psf, PsfPlain } from '../exposure.ts';
import { coaddPsfFromPlain } from '../stack/coadd-psf.ts';
import { AnalyticPsf } from './analytic.ts';
import { PolynomialPsf } from './polynomial.ts';

type Builder = (plain: PsfPlain) => Psf;

const builders = new Map<string, Builder>([
  ['coadd', (plain) => coaddPsfFromPlain(plain, psfFromPlain)],
  ['gaussian', (plain) => AnalyticPsf.fromPlain(plain)],
  ['moffat', (plain) => AnalyticPsf.fromPlain(plain)],
  ['polynomial', (plain) => PolynomialPsf.fromPlain(plain)],
]);

/** Makes a PSF type known to {@link psfFromPlain}. */
export function registerPsf(type: string, builder: Builder): void {
  builders.set(type, builder);
}

/** Builds a PSF from what its `toPlain()` gave. Arrays may arrive as Float32Array or as plain number arrays. */
export function psfFromPlain(plain: PsfPlain): Psf {
  const builder = builders.get(plain.type);
  if (builder === undefined)
    throw pixelErrors.UNKNOWN_PSF({ type: plain.type, known: [...builders.keys()].join(', ') });
  return builder(plain);
}
