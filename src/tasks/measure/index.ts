// SPDX-License-Identifier: BSD-3-Clause
export { measure } from './measure.ts';
