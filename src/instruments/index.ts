// SPDX-License-Identifier: BSD-3-Clause
/** What a telescope is: detectors, filters, header translation, raw files, visits. */
export * from './model.ts';
