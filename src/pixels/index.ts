// SPDX-License-Identifier: BSD-3-Clause
/** Image model and numeric kernels on image planes. */
export * from './errors.ts';
export * from './exposure.ts';
export * from './masked-image.ts';
export * from './table.ts';
