// SPDX-License-Identifier: BSD-3-Clause
export { cpDark } from './cpDark.ts';
