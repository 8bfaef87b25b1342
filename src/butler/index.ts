// SPDX-License-Identifier: BSD-3-Clause
/** The Gen3 repository: registry, datastore, and the butler over both. */

export * from './contract.ts';
export * from './limited.ts';
export * from './types.ts';
