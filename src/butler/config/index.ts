// SPDX-License-Identifier: BSD-3-Clause
export { dumpConfig, subsetOf } from './dump.ts';
export { type ConfigProblem, validateConfig } from './validate.ts';
