// SPDX-License-Identifier: BSD-3-Clause
export { deblend } from './deblend.ts';
