// SPDX-License-Identifier: BSD-3-Clause
export { cpFlat } from './cpFlat.ts';
