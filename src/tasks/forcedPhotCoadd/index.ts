// SPDX-License-Identifier: BSD-3-Clause
export { forcedPhotCoadd } from './forcedPhotCoadd.ts';
