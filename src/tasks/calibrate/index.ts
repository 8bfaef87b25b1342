// SPDX-License-Identifier: BSD-3-Clause
export { calibrate } from './calibrate.ts';
