// SPDX-License-Identifier: BSD-3-Clause
export { cpBias } from './cpBias.ts';
