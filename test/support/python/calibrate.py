# SPDX-License-Identifier: BSD-3-Clause
config.threshold = 4.0  # noqa: F821
config.saveLogOutput = False  # noqa: F821
