// SPDX-License-Identifier: BSD-3-Clause
export { forcedPhotCcd } from './forcedPhotCcd.ts';
