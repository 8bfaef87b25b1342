// SPDX-License-Identifier: BSD-3-Clause
import { type Formatter, registerFormatter } from '../../butler/index.ts';
import { openInstrument } from '../registered.ts';
import { readRaw } from './raw-file.ts';

/** The name that file records of raw datasets keep. */
export const rawFormatterName = 'skymill.instruments.RawFormatter';

/** Reads raw files with the definition of their instrument that the repository keeps. Raw files are never written by us. */
const rawFormatter: Formatter = {
  extension: '.fits',
  needsWholeFile: true,
  async read(file, context) {
    const instrument = await openInstrument(context.root, String(context.ref.dataId.get('instrument')));
    const raw = await readRaw(file.path, instrument, Number(context.ref.dataId.get('detector')));
    file.countRead(file.sizeBytes);
    return raw;
  },
};

registerFormatter(rawFormatterName, rawFormatter);
