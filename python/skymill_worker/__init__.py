# SPDX-License-Identifier: BSD-3-Clause
"""What Skymill asks of Python: descriptions of tasks that exist as Python classes, and what they have to say when graphs are built."""
