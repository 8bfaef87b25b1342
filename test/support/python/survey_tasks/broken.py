# SPDX-License-Identifier: BSD-3-Clause
"""A module whose import fails."""

raise RuntimeError("the detector is on fire")
