// SPDX-License-Identifier: BSD-3-Clause
/** A deterministic raw survey with its truth: sky, optics, camera, nights. */
export { type SimulateHooks, type SurveyReport, simulateSurvey } from './survey.ts';
