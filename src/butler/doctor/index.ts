// SPDX-License-Identifier: BSD-3-Clause
export {
  type DoctorOptions,
  type DoctorReport,
  doctorKinds,
  examineRepository,
  type KindReport,
  type RepairOptions,
  repairRepository,
} from './doctor.ts';
export { hotJournal, leftJournal } from './journal.ts';
export type { Check, DoctorContext, Finding, Kind, Severity } from './model.ts';
