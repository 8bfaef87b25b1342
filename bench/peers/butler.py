# SPDX-License-Identifier: BSD-3-Clause
"""The peer's side of the butler figures: `butler.py FIGURE REPO [ARGUMENTS]` prints one line of JSON.

Times are of the work alone: imports and the opening of the repository come before the clock starts.
"""

import json
import resource
import sys
import time


def register(root: str, rows: str) -> dict:
    """Datasets of one type into one run, in one call, without look-ups of their records."""
    from lsst.daf.butler import Butler

    butler = Butler.from_config(root, writeable=True)
    registry = butler._registry if hasattr(butler, "_registry") else butler.registry
    exposures = [record.id for record in butler.query_dimension_records("exposure", limit=None)]
    detectors = [record.id for record in butler.query_dimension_records("detector", limit=None)]
    data_ids = [
        {"instrument": "Cam", "exposure": exposure, "detector": detector}
        for exposure in sorted(exposures)
        for detector in sorted(detectors)
    ][: int(rows)]
    butler.collections.register("peer")
    started = time.perf_counter()
    refs = registry.insertDatasets("raw", data_ids, run="peer", expand=False)
    seconds = time.perf_counter() - started
    return {"rows": len(refs), "seconds": seconds}


def query(root: str, dataset_type: str, collection: str, limit: str) -> dict:
    """Datasets of a collection, one object each."""
    from lsst.daf.butler import Butler

    butler = Butler.from_config(root)
    count = 0
    started = time.perf_counter()
    with butler.query() as q:
        results = q.datasets(dataset_type, collections=[collection], find_first=False)
        if int(limit) > 0:
            results = results.limit(int(limit))
        for _ in results:
            count += 1
    seconds = time.perf_counter() - started
    return {"rows": count, "seconds": seconds, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def overlap(root: str, where: str) -> dict:
    """Pairs of a visit's detectors and patches whose regions overlap."""
    from lsst.daf.butler import Butler

    butler = Butler.from_config(root)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        with butler.query() as q:
            if where:
                q = q.where(where)
            rows = list(q.data_ids(["visit", "detector", "tract", "patch"]))
        times.append(time.perf_counter() - started)
    return {"rows": len(rows), "seconds": sorted(times)[2]}


def small(root: str, count: str) -> dict:
    """Puts small mappings one by one, then gets them one by one."""
    from lsst.daf.butler import Butler

    butler = Butler.from_config(root, writeable=True, run="peer/small")
    exposures = sorted(record.id for record in butler.query_dimension_records("exposure", limit=None))
    detectors = sorted(record.id for record in butler.query_dimension_records("detector", limit=None))
    pairs = [(e, d) for e in exposures for d in detectors][: int(count)]
    started = time.perf_counter()
    refs = [
        butler.put(
            {"exposure": e, "detector": d, "seeing": 0.7, "names": ["a", "b"], "psf": {"sigma": 1.5, "ok": True}},
            "small",
            instrument="Cam",
            exposure=e,
            detector=d,
        )
        for e, d in pairs
    ]
    put_seconds = time.perf_counter() - started
    started = time.perf_counter()
    for ref in refs:
        butler.get(ref)
    return {"rows": len(refs), "putSeconds": put_seconds, "getSeconds": time.perf_counter() - started}


def find(root: str, dataset_type: str, chain: str, count: str) -> dict:
    """Finds single datasets through a chain."""
    from lsst.daf.butler import Butler

    butler = Butler.from_config(root)
    times = []
    for i in range(int(count)):
        started = time.perf_counter()
        ref = butler.find_dataset(
            dataset_type, instrument="Cam", exposure=1 + (i * 37) % 500, detector=i % 100, collections=[chain]
        )
        assert ref is not None
        times.append(time.perf_counter() - started)
    times.sort()
    return {"rows": len(times), "seconds": times[len(times) // 2]}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
