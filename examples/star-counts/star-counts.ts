// SPDX-License-Identifier: BSD-3-Clause
import { defineTask, input, output } from 'skymill/pipeline';
import { numberColumn, type Table } from 'skymill/pixels';
import { z } from 'zod';

const detector = ['instrument', 'visit', 'detector'];

export default defineTask({
  name: 'starCounts',
  doc: 'Counts the bright sources of each detector',
  dimensions: detector,
  connections: {
    sources: input('src', { dimensions: detector, storage: 'ArrowAstropy', doc: 'Sources of the calibrated image' }),
    counts: output('starCounts', { dimensions: detector, storage: 'StructuredDataDict', doc: 'How many there are' }),
  },
  config: z.strictObject({
    minimumFlux: z.number().positive().default(1000).describe('Count sources above this flux (PSF flux, counts)'),
  }),
  resources: () => ({ memoryBytes: 3e8, cores: 1 }),
  run({ sources }: { sources: Table }, { config, log, metric }) {
    let bright = 0;
    for (const flux of numberColumn(sources, 'base_PsfFlux_instFlux')) if (flux > config.minimumFlux) bright++;
    metric('bright', bright);
    log.info(`${bright} of ${sources.rows} sources are bright`);
    return { counts: { bright, all: sources.rows } };
  },
});
