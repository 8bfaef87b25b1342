// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../errors.ts';
import { type Formatter, registerFormatter } from './formatter.ts';

/** Files that are Python objects or Python code: they are listed, copied, moved and removed, and refused on reading. */
const pythonOnly = (format: string, extension: string): Formatter => ({
  extension,
  async read(file, { storageClass }) {
    throw butlerErrors.PYTHON_ONLY({ path: file.path, storageClass, format });
  },
});

export function registerPythonOnlyFormatters(): void {
  registerFormatter('lsst.daf.butler.formatters.pickle.PickleFormatter', pythonOnly('a Python pickle', '.pickle'));
  registerFormatter('lsst.pipe.base.formatters.pexConfig.PexConfigFormatter', pythonOnly('Python code', '.py'));
}
