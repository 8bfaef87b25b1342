// SPDX-License-Identifier: BSD-3-Clause
export { assembleCoadd } from './assembleCoadd.ts';
