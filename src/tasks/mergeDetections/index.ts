// SPDX-License-Identifier: BSD-3-Clause
export { mergeDetections } from './mergeDetections.ts';
