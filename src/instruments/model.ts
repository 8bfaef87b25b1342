// SPDX-License-Identifier: BSD-3-Clause

import type { VisitInfo } from '../pixels/index.ts';
import type { Cards, Wcs } from '../sky/index.ts';

/** Pixels `[x0, x1) × [y0, y1)`, 0-based. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** One readout channel: where its pixels are in the raw file and where they belong on the detector. */
export interface Amplifier {
  readonly name: string;
  /** HDU of the raw file that holds this amplifier's pixels: index, or EXTNAME. */
  readonly hdu: number | string;
  /** Light-sensitive pixels in that HDU's array. */
  readonly rawData: Box;
  /** Serial overscan in that HDU's array (after {@link overscanSkip} has been cut off), if the camera has one. */
  readonly rawOverscan?: Box;
  readonly rawPrescan?: Box;
  readonly rawParallelOverscan?: Box;
  /** Mirror the raw section in x / y to put it on the detector. */
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** Place on the assembled detector; same shape as `rawData`. */
  readonly box: Box;
  /** Electrons per ADU. */
  readonly gain: number;
  /** Electrons. */
  readonly readNoise: number;
  /** Raw ADU at and above which a pixel is saturated. */
  readonly saturationAdu: number;
  readonly suspectAdu?: number;
  /** Non-linearity: corrected = v + c0 v² + c1 v³ + … of the overscan-subtracted ADU v. Empty: linear. */
  readonly linearity: readonly number[];
}

export interface Detector {
  readonly id: number;
  readonly name: string;
  readonly raft?: string;
  readonly nameInRaft?: string;
  readonly purpose: 'SCIENCE' | 'GUIDER' | 'FOCUS' | 'WAVEFRONT';
  /** Size of the assembled image in pixels. */
  readonly width: number;
  readonly height: number;
  readonly amplifiers: readonly Amplifier[];
  /** Centre in the focal plane, millimetres; rotation counter-clockwise from focal-plane x to pixel x. */
  readonly centerXMm: number;
  readonly centerYMm: number;
  readonly rotationDeg: number;
  readonly pixelSizeMm: number;
  /** Known bad pixels in assembled coordinates. */
  readonly defects: readonly Box[];
}

export interface Filter {
  readonly physicalFilter: string;
  readonly band: string;
}

/** What a header says about an observation, in standard terms (the Gen3 `exposure` record and what goes with it). */
export interface ObservationInfo {
  readonly instrument: string;
  /** Detectors in this file: one for most cameras. */
  readonly detectors: readonly number[];
  readonly exposureId: number;
  readonly obsId: string;
  readonly group: string;
  readonly physicalFilter: string;
  readonly observationType: string; // bias, dark, flat, science, …
  readonly observationReason: string;
  readonly dayObs: number; // YYYYMMDD
  readonly seqNum: number;
  readonly exposureTimeSeconds: number;
  readonly darkTimeSeconds: number;
  /** TAI nanoseconds since 1970-01-01T00:00:00 TAI. */
  readonly beginNs: bigint;
  readonly endNs: bigint;
  readonly targetName: string;
  readonly scienceProgram: string;
  readonly raDeg?: number;
  readonly decDeg?: number;
  readonly skyAngleDeg?: number;
  readonly azimuthDeg?: number;
  readonly zenithAngleDeg?: number;
  readonly canSeeSky: boolean;
  readonly hasSimulated: boolean;
}

/** Everything standard that one header says of an observation with one detector; what it does not say is absent. */
export interface StandardObservation {
  readonly telescope?: string;
  readonly instrument: string;
  /** Geodetic, WGS84, east positive. */
  readonly longitudeDeg?: number;
  readonly latitudeDeg?: number;
  readonly heightM?: number;
  readonly exposureId?: number;
  readonly visitId?: number;
  readonly observationId?: string;
  readonly exposureGroup?: string;
  readonly observationCounter: number;
  readonly groupCounterStart: number;
  readonly groupCounterEnd: number;
  /** YYYYMMDD. */
  readonly observingDay?: number;
  /** Seconds that the observing day begins after midnight; absent where the header names the day itself. */
  readonly observingDayOffsetSeconds?: number;
  /** TAI nanoseconds since 1970-01-01T00:00:00 TAI. */
  readonly beginNs?: bigint;
  readonly endNs?: bigint;
  readonly exposureTimeSeconds?: number;
  readonly exposureTimeRequestedSeconds?: number;
  readonly darkTimeSeconds?: number;
  readonly physicalFilter?: string;
  readonly observationType?: string;
  readonly observationReason?: string;
  readonly object?: string;
  readonly scienceProgram?: string;
  readonly hasSimulatedContent: boolean;
  readonly canSeeSky?: boolean;
  readonly detectorNum?: number;
  readonly detectorName?: string;
  readonly detectorUniqueName?: string;
  readonly detectorGroup?: string;
  readonly detectorSerial?: string;
  readonly detectorExposureId?: number;
  /** Of the instrument in the frame that `rotationCoord` names. */
  readonly rotationAngleDeg?: number;
  readonly rotationCoord: string;
  /** Where the telescope pointed, ICRS or FK5 J2000. */
  readonly raDeg?: number;
  readonly decDeg?: number;
  readonly azimuthDeg?: number;
  readonly altitudeDeg?: number;
  readonly airmass?: number;
  readonly focusZMm: number;
  readonly temperatureCelsius?: number;
  readonly pressureHpa?: number;
  readonly relativeHumidityPercent?: number;
}

/** How exposures become visits. */
export type VisitGrouping = 'one-to-one' | 'by-group-metadata' | 'one-to-one-and-by-counter';

export interface Instrument {
  readonly name: string;
  /** Stored in the registry: where the definition came from. */
  readonly className: string;
  readonly detectors: readonly Detector[];
  readonly filters: readonly Filter[];
  readonly plateScaleArcsecPerMm: number;
  readonly visitGrouping: VisitGrouping;
  readonly exposureMax: number;
  /** Whether raw files of this header are this instrument's. */
  recognises(headers: readonly Cards[]): boolean;
  /** Standard terms from the headers of a file (primary first); throws naming the missing or unusable card. */
  translate(headers: readonly Cards[], file: string): ObservationInfo;
  /** All that the headers say in standard terms, one for each detector in the file. */
  standardObservations(headers: readonly Cards[], file: string): StandardObservation[];
  /** Initial WCS of one detector: from the header where it has one, else from boresight, rotation and camera geometry. */
  initialWcs(headers: readonly Cards[], info: ObservationInfo, detector: Detector): Wcs | undefined;
  detector(id: number): Detector;
}

/** A raw image as read: each amplifier's whole raw section with overscan, nothing subtracted. */
export interface RawExposure {
  readonly instrument: Instrument;
  readonly detector: Detector;
  readonly amplifiers: readonly RawAmplifier[];
  readonly headers: readonly Cards[];
  readonly info: ObservationInfo;
  readonly visitInfo: VisitInfo;
  readonly wcs: Wcs | undefined;
}

export interface RawAmplifier {
  readonly amplifier: Amplifier;
  /** The HDU's whole array, `y * width + x`, physical ADU (BSCALE/BZERO applied). Amplifiers of one HDU share it. */
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}
