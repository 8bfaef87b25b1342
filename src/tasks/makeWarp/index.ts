// SPDX-License-Identifier: BSD-3-Clause
export { makeWarp } from './makeWarp.ts';
export { warpVisit } from './warp-visit.ts';
