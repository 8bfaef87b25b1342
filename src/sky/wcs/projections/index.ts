// SPDX-License-Identifier: BSD-3-Clause
import { skyErrors } from '../../errors.ts';
import { cod, coe, coo, cop } from './conic.ts';
import { tsc } from './cube.ts';
import { car, cea, cyp, mer } from './cylindrical.ts';
import { hpx } from './hpx.ts';
import type { Projection, ProjectionMaker } from './projection.ts';
import { ait, mol, par, sfl } from './pseudocylindrical.ts';
import { arc, azp, sin, stg, tan, zea, zpn } from './zenithal.ts';

export type { Projection } from './projection.ts';

const makers: Readonly<Record<string, ProjectionMaker>> = {
  TAN: tan,
  SIN: sin,
  ARC: arc,
  STG: stg,
  ZEA: zea,
  ZPN: zpn,
  AZP: azp,
  CAR: car,
  MER: mer,
  CEA: cea,
  CYP: cyp,
  SFL: sfl,
  PAR: par,
  MOL: mol,
  AIT: ait,
  COP: cop,
  COE: coe,
  COD: cod,
  COO: coo,
  TSC: tsc,
  HPX: hpx,
};

/** Projection of a three-letter FITS code. `pv` are the PVi_m of the latitude axis. */
export function projectionOf(code: string, pv: readonly (number | undefined)[], ctype: string): Projection {
  const maker = makers[code];
  if (maker === undefined)
    throw skyErrors.WCS_UNKNOWN_PROJECTION({ ctype, known: [...Object.keys(makers), 'TPV', 'TNX', 'NCP'].join(' ') });
  return maker(pv);
}
