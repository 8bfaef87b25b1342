// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';
import { fromStoredTimespan, NO_TIME, toStoredTimespan } from '../timespan.ts';
import type { Timespan } from '../types.ts';
import { type Formatter, registerFormatter } from './formatter.ts';
import { parsed, refuseComponent } from './structured.ts';

/** Timespans as JSON `[begin, end]` in TAI nanoseconds since 1970. */
const timespanFormatter: Formatter = {
  extension: '.json',
  async read(file, context) {
    refuseComponent(context);
    return parsed(file, 'timespan', (text) => {
      const sides = /^\s*\[\s*(-?\d+)\s*,\s*(-?\d+)\s*\]\s*$/.exec(text);
      if (sides === null) throw new Error('it is not [begin, end] in nanoseconds');
      const [begin, end] = [BigInt(sides[1]), BigInt(sides[2])];
      return begin >= end ? NO_TIME : fromStoredTimespan(begin, end);
    });
  },
  write(object, sink, { storageClass }) {
    const span = object as Partial<Timespan> | null;
    if (typeof span !== 'object' || span === null || !('beginNs' in span) || !('endNs' in span)) {
      throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'a timespan', found: typeof object });
    }
    const { beginNs, endNs } = toStoredTimespan(span as Timespan);
    sink.write(new TextEncoder().encode(`[${beginNs},${endNs}]`));
  },
};

export function registerTimespanFormatter(): void {
  registerFormatter('lsst.daf.butler.formatters.json.JsonFormatter', timespanFormatter, ['Timespan']);
}
