// SPDX-License-Identifier: BSD-3-Clause
import type { Cards } from '../../sky/index.ts';
import type { InstrumentYaml, StandardProperty } from '../definition/schema.ts';
import type { Detector, StandardObservation } from '../model.ts';
import type { Evaluate, RuleScope } from './rules.ts';
import type { HeaderTranslator } from './translator.ts';
import { observingDay, toNumber } from './values.ts';

/**
 * The whole of what a header says in standard terms: the `standard` rules of an instrument, and where they say nothing its `translate` rules
 * and detector list. Unlike the exposure record nothing is required: what a header lacks is absent.
 */
export class StandardTranslator {
  readonly #yaml: InstrumentYaml;
  readonly #translator: HeaderTranslator;
  readonly #rules: ReadonlyMap<string, Evaluate>;
  readonly #detectors: ReadonlyMap<number, Detector>;

  constructor(yaml: InstrumentYaml, translator: HeaderTranslator, detectors: ReadonlyMap<number, Detector>) {
    this.#yaml = yaml;
    this.#translator = translator;
    this.#detectors = detectors;
    this.#rules = new Map(
      Object.entries(yaml.standard).flatMap(([name, rule]) =>
        rule === undefined ? [] : [[name, translator.book.compile(name, rule)] as const],
      ),
    );
  }

  /** One for each detector in the file. */
  translate(headers: readonly Cards[], file: string): StandardObservation[] {
    return this.#translator.detectorScopes(headers, file).map((scope) => this.#one(scope));
  }

  #one(scope: RuleScope): StandardObservation {
    const t = this.#translator;
    const text = (name: StandardProperty): string | undefined => {
      const value = this.#rules.get(name)?.(scope);
      return value === undefined ? undefined : String(value).trim();
    };
    const number = (name: StandardProperty): number | undefined => {
      const value = this.#rules.get(name)?.(scope);
      return value === undefined ? undefined : toNumber(value, name, scope.file);
    };
    const exposureId = number('exposureId') ?? t.number('exposure', scope);
    const detectorNum = number('detectorNum') ?? t.number('detector', scope);
    const detector = detectorNum === undefined ? undefined : this.#detectors.get(detectorNum);
    const observationType = t.text('observationType', scope)?.toLowerCase();
    const exposureTimeSeconds = t.number('exposureTimeSeconds', scope);
    const times = t.times(scope);
    const offsetHours = this.#yaml.standard.observingDay === undefined ? this.#yaml.dayObsOffsetHours : undefined;
    const exposureText = exposureId === undefined ? undefined : String(exposureId);
    const counter = number('observationCounter') ?? t.number('seqNum', scope) ?? 0;
    const zenithAngleDeg = t.number('zenithAngleDeg', scope);
    const unique = text('detectorUniqueName') ?? detector?.name;
    return {
      telescope: text('telescope'),
      instrument: text('instrument') ?? this.#yaml.name,
      longitudeDeg: number('longitudeDeg'),
      latitudeDeg: number('latitudeDeg'),
      heightM: number('heightM'),
      exposureId,
      visitId: number('visitId') ?? exposureId,
      observationId: text('observationId') ?? t.text('obsId', scope) ?? exposureText,
      exposureGroup: text('exposureGroup') ?? t.text('group', scope) ?? exposureText,
      observationCounter: counter,
      groupCounterStart: counter,
      groupCounterEnd: counter,
      observingDay:
        number('observingDay') ??
        t.number('dayObs', scope) ??
        (times === undefined || offsetHours === undefined ? undefined : observingDay(times.beginNs, offsetHours)),
      observingDayOffsetSeconds: offsetHours === undefined ? undefined : offsetHours * 3600,
      ...times,
      exposureTimeSeconds,
      exposureTimeRequestedSeconds: number('exposureTimeRequestedSeconds') ?? exposureTimeSeconds,
      darkTimeSeconds: number('darkTimeSeconds') ?? t.number('darkTimeSeconds', scope) ?? exposureTimeSeconds,
      physicalFilter: t.text('physicalFilter', scope),
      observationType,
      observationReason:
        t.text('observationReason', scope) ??
        (observationType === undefined ? undefined : observationType === 'science' ? 'science' : 'unknown'),
      object: t.text('targetName', scope),
      scienceProgram: text('scienceProgram') ?? t.text('scienceProgram', scope),
      hasSimulatedContent: t.text('hasSimulated', scope) === 'true',
      canSeeSky: observationType === undefined ? undefined : t.canSeeSky(scope, observationType),
      detectorNum,
      detectorName: text('detectorName') ?? detector?.nameInRaft ?? unique,
      detectorUniqueName: unique,
      detectorGroup: text('detectorGroup') ?? detector?.raft,
      detectorSerial: text('detectorSerial'),
      detectorExposureId: number('detectorExposureId'),
      rotationAngleDeg: number('rotationAngleDeg') ?? t.number('skyAngleDeg', scope),
      rotationCoord: text('rotationCoord') ?? (t.value('skyAngleDeg', scope) === undefined ? 'unknown' : 'sky'),
      raDeg: number('raDeg') ?? t.number('raDeg', scope),
      decDeg: number('decDeg') ?? t.number('decDeg', scope),
      azimuthDeg: number('azimuthDeg') ?? t.number('azimuthDeg', scope),
      altitudeDeg: number('altitudeDeg') ?? (zenithAngleDeg === undefined ? undefined : 90 - zenithAngleDeg),
      airmass: number('airmass'),
      focusZMm: number('focusZMm') ?? 0,
      temperatureCelsius: number('temperatureCelsius'),
      pressureHpa: number('pressureHpa'),
      relativeHumidityPercent: number('relativeHumidityPercent'),
    };
  }
}
