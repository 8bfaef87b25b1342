// SPDX-License-Identifier: BSD-3-Clause
export { calibrationExposure } from './calibration-exposure.ts';
export { type CombinedFrames, combineFrames, type FrameVerdict } from './combine-frames.ts';
export { type CombineConfig, combineFields, combineMethod } from './config.ts';
export { PlaneStore } from './plane-store.ts';
