// SPDX-License-Identifier: BSD-3-Clause
export { taiMinusUtcSeconds } from './leap-seconds.ts';
export {
  jdFromTaiNs,
  mjdFromTaiNs,
  type TimeScale,
  taiNsFromJd,
  taiNsFromMjd,
  taiNsFromUnix,
  taiNsNow,
  unixFromTaiNs,
} from './scales.ts';
export { isoFromTaiNs, taiNsFromText } from './text.ts';
