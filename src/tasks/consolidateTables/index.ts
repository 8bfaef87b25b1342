// SPDX-License-Identifier: BSD-3-Clause
export { concatenateTables } from './concatenate.ts';
export { consolidateObjectTable } from './consolidateObjectTable.ts';
export { consolidateSourceTable } from './consolidateSourceTable.ts';
