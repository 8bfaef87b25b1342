// SPDX-License-Identifier: BSD-3-Clause
export { mergeMeasurements } from './mergeMeasurements.ts';
