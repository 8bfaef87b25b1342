// SPDX-License-Identifier: BSD-3-Clause
export { assembleRaw, telescopeCards } from './assemble-raw.ts';
export { type AssemblyConfig, assemblyFields, type IsrConfig, isrConfig } from './config.ts';
export { isr } from './isr.ts';
