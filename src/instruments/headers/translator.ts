// SPDX-License-Identifier: BSD-3-Clause
import { type Cards, type TimeScale, taiNsFromMjd, taiNsFromText, taiNsFromUnix, type Wcs } from '../../sky/index.ts';
import type { InstrumentYaml, Rule, SingleRule } from '../definition/schema.ts';
import { instrumentErrors } from '../errors.ts';
import type { Detector, ObservationInfo } from '../model.ts';
import { evaluateRule, holds, type RuleScope, requireRule, type Scalar } from './rules.ts';

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

  constructor(yaml: InstrumentYaml, hooks: TranslatorHooks) {
    this.#yaml = yaml;
    this.#hooks = hooks;
  }

  recognises(headers: readonly Cards[]): boolean {
    return holds(this.#yaml.match, this.#scope(headers, ''));
  }

  translate(headers: readonly Cards[], file: string): ObservationInfo {
    const rules = this.#yaml.translate;
    const scope = this.#scope(headers, file);
    const text = (property: Property, fallback: string): string => {
      const rule = rules[property];
      const value = rule === undefined ? undefined : evaluateRule(rule, scope);
      return value === undefined ? fallback : String(value).trim();
    };
    const number = (property: Property): number | undefined => {
      const rule = rules[property];
      const value = rule === undefined ? undefined : evaluateRule(rule, scope);
      return value === undefined ? undefined : toNumber(value, rule, property, file);
    };
    const required = (property: Property): number =>
      toNumber(requireRule(rules[property]!, property, scope), rules[property], property, file);

    const exposureId = toId(required('exposure'), 'exposure', file);
    const exposureTimeSeconds = required('exposureTimeSeconds');
    const beginNs = toTime(requireRule(rules.begin, 'begin', scope), rules.begin, 'begin', file);
    const end = rules.end === undefined ? undefined : evaluateRule(rules.end, scope);
    const endNs = end === undefined ? beginNs + secondsToNs(exposureTimeSeconds) : toTime(end, rules.end!, 'end', file);
    const physicalFilter = String(requireRule(rules.physicalFilter, 'physicalFilter', scope)).trim();
    if (!Object.hasOwn(this.#yaml.filters, physicalFilter)) {
      const known = Object.keys(this.#yaml.filters).join(', ');
      throw instrumentErrors.BAD_VALUE({
        file,
        property: 'physicalFilter',
        value: physicalFilter,
        problem: `${this.#yaml.name} has the filters ${known}`,
      });
    }
    const observationType = String(requireRule(rules.observationType, 'observationType', scope)).toLowerCase();
    const obsId = text('obsId', String(exposureId));
    const info: ObservationInfo = {
      instrument: this.#yaml.name,
      detectors: [toId(required('detector'), 'detector', file)],
      exposureId,
      obsId,
      group: text('group', obsId),
      physicalFilter,
      observationType,
      observationReason: text('observationReason', observationType),
      dayObs: number('dayObs') ?? observingDay(beginNs, this.#yaml.dayObsOffsetHours),
      seqNum: number('seqNum') ?? 0,
      exposureTimeSeconds,
      darkTimeSeconds: number('darkTimeSeconds') ?? exposureTimeSeconds,
      beginNs,
      endNs: endNs > beginNs ? endNs : beginNs + 1n,
      targetName: text('targetName', ''),
      scienceProgram: text('scienceProgram', ''),
      raDeg: number('raDeg'),
      decDeg: number('decDeg'),
      skyAngleDeg: number('skyAngleDeg'),
      azimuthDeg: number('azimuthDeg'),
      zenithAngleDeg: number('zenithAngleDeg'),
      canSeeSky: text('canSeeSky', String(!['bias', 'dark'].includes(observationType))) === 'true',
      hasSimulated: text('hasSimulated', 'false') === 'true',
    };
    return Object.freeze(this.#hooks.translate?.(headers, info) ?? info);
  }

  #scope(headers: readonly Cards[], file: string): RuleScope {
    return { instrument: this.#yaml.name, file, headers, lets: this.#yaml.let };
  }
}

function unitOf(rule: Rule | undefined): SingleRule['unit'] {
  return typeof rule === 'object' && 'unit' in rule ? rule.unit : undefined;
}

/** A number, or an angle in degrees from sexagesimal text or another unit. */
function toNumber(value: Scalar, rule: Rule | undefined, property: string, file: string): number {
  const unit = unitOf(rule);
  const text = String(value).trim();
  const sexagesimal = /^([+-]?)(\d+)[:\s](\d+)(?:[:\s](\d+(?:\.\d*)?))?$/.exec(text);
  const plain =
    sexagesimal === null
      ? Number(text)
      : (sexagesimal[1] === '-' ? -1 : 1) *
        (Number(sexagesimal[2]) + Number(sexagesimal[3]) / 60 + Number(sexagesimal[4] ?? 0) / 3600);
  if (text === '' || !Number.isFinite(plain)) {
    throw instrumentErrors.BAD_VALUE({ file, property, value: text, problem: 'it is not a number' });
  }
  if (unit === 'hourangle') return plain * 15;
  if (unit === 'rad') return (plain * 180) / Math.PI;
  return plain;
}

function toId(value: number, property: string, file: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw instrumentErrors.BAD_VALUE({
    file,
    property,
    value: String(value),
    problem: 'an id is a whole number from 0 to 2^53-1',
  });
}

function secondsToNs(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}

function toTime(value: Scalar, rule: Rule, property: string, file: string): bigint {
  const spec: SingleRule = typeof rule === 'object' && !('cases' in rule) ? rule : {};
  const scale: TimeScale = spec.timescale ?? 'utc';
  try {
    switch (spec.format ?? 'isot') {
      case 'isot':
        return taiNsFromText(String(value).trim(), scale);
      case 'mjd':
        return taiNsFromMjd(Number(value), scale);
      case 'jd':
        return taiNsFromMjd(Number(value) - 2400000.5, scale);
      case 'unix':
        return taiNsFromUnix(Number(value));
    }
  } catch (cause) {
    throw instrumentErrors.BAD_VALUE(
      { file, property, value: String(value), problem: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}

/** YYYYMMDD of the observing day, which begins `offsetHours` after midnight. The peer convention: TAI shifted back by the offset. */
export function observingDay(beginNs: bigint, offsetHours: number): number {
  const shifted = new Date(Number(beginNs / 1_000_000n) - offsetHours * 3_600_000);
  return shifted.getUTCFullYear() * 10_000 + (shifted.getUTCMonth() + 1) * 100 + shifted.getUTCDate();
}
