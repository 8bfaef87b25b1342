// SPDX-License-Identifier: BSD-3-Clause
import type { Cards, Wcs } from '../../sky/index.ts';
import type { InstrumentYaml, Rule } from '../definition/schema.ts';
import { instrumentErrors } from '../errors.ts';
import type { Detector, ObservationInfo } from '../model.ts';
import { missingCards } from './missing.ts';
import { type Evaluate, type Holds, RuleBook, type RuleScope, type Scalar } from './rules.ts';
import { type EvaluateTime, observingDay, timeReader, toId, toNumber } from './values.ts';

/** What an instrument's `module` may export to say what rules cannot. */
export interface TranslatorHooks {
  translate?(headers: readonly Cards[], info: ObservationInfo): ObservationInfo;
  initialWcs?(headers: readonly Cards[], info: ObservationInfo, detector: Detector): Wcs | undefined;
}

type Property = keyof InstrumentYaml['translate'];

/** Headers of one instrument's raw files into standard terms, by the rules of its YAML file. */
export class HeaderTranslator {
  readonly #yaml: InstrumentYaml;
  readonly #hooks: TranslatorHooks;
  readonly #rules: ReadonlyMap<Property, Evaluate>;
  readonly #matches: Holds;
  readonly #isDetector: Holds | undefined;
  readonly #readBegin: EvaluateTime;
  readonly #readEnd: EvaluateTime | undefined;
  readonly book: RuleBook;

  constructor(yaml: InstrumentYaml, hooks: TranslatorHooks) {
    this.#yaml = yaml;
    this.#hooks = hooks;
    this.book = new RuleBook(yaml.let);
    const { begin, end } = yaml.translate;
    this.#rules = new Map(
      Object.entries(yaml.translate).map(([name, rule]) => [name as Property, this.book.compile(name, rule)]),
    );
    this.#matches = this.book.condition(yaml.match);
    this.#isDetector = yaml.detectorHdus && this.book.condition(yaml.detectorHdus);
    const timesys = this.book.lookUp('TIMESYS');
    this.#readBegin = timeReader(begin, 'begin', timesys);
    this.#readEnd = end === undefined ? undefined : timeReader(end, 'end', timesys);
  }

  recognises(headers: readonly Cards[]): boolean {
    return this.#matches({ file: '', headers });
  }

  /** What rules see of each detector in a file: all headers, or with `detectorHdus` the detector's own and the primary one. */
  detectorScopes(headers: readonly Cards[], file: string): RuleScope[] {
    const isDetector = this.#isDetector;
    const own = isDetector === undefined ? [] : headers.filter((h) => isDetector({ file, headers: [h] }));
    if (own.length === 0) return [{ file, headers }];
    return own.map((header) => ({ file, headers: header === headers[0] ? [header] : [header, headers[0]] }));
  }

  /** The value of a property of `translate`; undefined where there is none. */
  value(property: Property, scope: RuleScope): Scalar | undefined {
    return this.#rules.get(property)?.(scope);
  }

  text(property: Property, scope: RuleScope): string | undefined {
    const value = this.value(property, scope);
    return value === undefined ? undefined : String(value).trim();
  }

  number(property: Property, scope: RuleScope): number | undefined {
    const value = this.value(property, scope);
    return value === undefined ? undefined : toNumber(value, property, scope.file);
  }

  /** Begin and end of the exposure, TAI nanoseconds; an end that does not follow the begin is made of the exposure time. */
  times(scope: RuleScope): { beginNs: bigint; endNs: bigint } | undefined {
    const begin = this.value('begin', scope);
    if (begin === undefined) return undefined;
    const beginNs = this.#readBegin(begin, scope);
    const end = this.value('end', scope);
    const endNs = end === undefined || this.#readEnd === undefined ? beginNs : this.#readEnd(end, scope);
    if (endNs > beginNs) return { beginNs, endNs };
    const seconds = this.number('exposureTimeSeconds', scope) ?? 0;
    return { beginNs, endNs: beginNs + BigInt(Math.max(1, Math.round(seconds * 1e9))) };
  }

  translate(headers: readonly Cards[], file: string): ObservationInfo {
    const scopes = this.detectorScopes(headers, file);
    const [scope] = scopes;
    this.#require('begin', scope);
    const exposureId = toId(this.#requireNumber('exposure', scope), 'exposure', file);
    const exposureTimeSeconds = this.#requireNumber('exposureTimeSeconds', scope);
    const { beginNs, endNs } = this.times(scope)!;
    const observationType = String(this.#require('observationType', scope)).trim().toLowerCase();
    const obsId = this.text('obsId', scope) ?? String(exposureId);
    const info: ObservationInfo = {
      instrument: this.#yaml.name,
      detectors: scopes.map((own) => toId(this.#requireNumber('detector', own), 'detector', file)),
      exposureId,
      obsId,
      group: this.text('group', scope) ?? obsId,
      physicalFilter: this.#physicalFilter(scope),
      observationType,
      observationReason: this.text('observationReason', scope) ?? observationType,
      dayObs: this.number('dayObs', scope) ?? observingDay(beginNs, this.#yaml.dayObsOffsetHours),
      seqNum: this.number('seqNum', scope) ?? 0,
      exposureTimeSeconds,
      darkTimeSeconds: this.number('darkTimeSeconds', scope) ?? exposureTimeSeconds,
      beginNs,
      endNs,
      targetName: this.text('targetName', scope) ?? '',
      scienceProgram: this.text('scienceProgram', scope) ?? '',
      raDeg: this.number('raDeg', scope),
      decDeg: this.number('decDeg', scope),
      skyAngleDeg: this.number('skyAngleDeg', scope),
      azimuthDeg: this.number('azimuthDeg', scope),
      zenithAngleDeg: this.number('zenithAngleDeg', scope),
      canSeeSky: this.canSeeSky(scope, observationType),
      hasSimulated: this.text('hasSimulated', scope) === 'true',
    };
    return Object.freeze(this.#hooks.translate?.(headers, info) ?? info);
  }

  canSeeSky(scope: RuleScope, observationType: string): boolean {
    const given = this.text('canSeeSky', scope);
    return given === undefined ? !['bias', 'zero', 'dark'].includes(observationType) : given === 'true';
  }

  #physicalFilter(scope: RuleScope): string {
    const name = String(this.#require('physicalFilter', scope)).trim();
    if (Object.hasOwn(this.#yaml.filters, name)) return name;
    throw instrumentErrors.BAD_VALUE({
      file: scope.file,
      property: 'physicalFilter',
      value: name,
      problem: `${this.#yaml.name} has the filters ${Object.keys(this.#yaml.filters).join(', ')}`,
    });
  }

  #requireNumber(property: Property, scope: RuleScope): number {
    return toNumber(this.#require(property, scope), property, scope.file);
  }

  /** The value of a rule that must have one; the error names the card that is missing. */
  #require(property: Property, scope: RuleScope): Scalar {
    const value = this.value(property, scope);
    if (value !== undefined) return value;
    throw instrumentErrors.MISSING_CARD({
      file: scope.file,
      card: missingCards(this.#yaml.translate[property] as Rule, this.book, this.#yaml.let, scope),
      property,
      instrument: this.#yaml.name,
    });
  }
}
