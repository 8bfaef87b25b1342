// SPDX-License-Identifier: BSD-3-Clause
export { type Characterized, characterize } from './characterize.ts';
export { characterizeImage } from './characterizeImage.ts';
export { type CharacterizeConfig, characterizeConfig } from './config.ts';
