# SPDX-License-Identifier: BSD-3-Clause
"""The peer's side of the ingest figure: `ingest.py REPO FILE-LIST` prints one line of JSON.

Raw files of the simulated camera: headers of all HDUs by astropy, exposure records made of them, records and files registered in bulk, files left
where they are. Imports, the new repository and its detectors come before the clock starts.
"""

import json
import sys
import time

from astropy.io import fits
from astropy.time import Time
from lsst.daf.butler import Butler, DatasetRef, DatasetType, FileDataset, Timespan
from lsst.daf.butler.formatters.file import FileFormatter  # noqa: F401

root, listing = sys.argv[1:3]
with open(listing) as lines:
    paths = lines.read().splitlines()
Butler.makeRepo(root)
butler = Butler.from_config(root, writeable=True)
registry = butler.registry
registry.insertDimensionData(
    "instrument",
    {"name": "SimCam", "detector_max": 1000, "exposure_max": 10**14, "visit_max": 10**14, "class_name": "none"},
)
registry.insertDimensionData("physical_filter", {"instrument": "SimCam", "name": "sim_r", "band": "r"})
numbers = {fits.getval(path, "DETECTOR") for path in paths[:: max(1, len(paths) // 2000)]} | set(range(1000))
registry.insertDimensionData(
    "detector", *[{"instrument": "SimCam", "id": n, "full_name": f"D{n}", "purpose": "SCIENCE"} for n in sorted(numbers)]
)
raw = DatasetType("raw", ["instrument", "exposure", "detector"], "Exposure", universe=butler.dimensions)
registry.registerDatasetType(raw)
butler.collections.register("SimCam/raw/all")

started = time.perf_counter()
days, groups, exposures, found = {}, {}, {}, []
for path in paths:
    with fits.open(path) as hdus:
        headers = [hdu.header for hdu in hdus]
    header = headers[0]
    number = header["EXPID"]
    found.append((path, number, header["DETECTOR"]))
    if number in exposures:
        continue
    day = header["DAYOBS"]
    days[day] = {"instrument": "SimCam", "id": day}
    groups[header["GROUPID"]] = {"instrument": "SimCam", "name": header["GROUPID"]}
    exposures[number] = {
        "instrument": "SimCam",
        "id": number,
        "day_obs": day,
        "group": header["GROUPID"],
        "physical_filter": "sim_r",
        "obs_id": header["OBSID"],
        "exposure_time": header["EXPTIME"],
        "dark_time": header["DARKTIME"],
        "observation_type": header["IMGTYPE"],
        "observation_reason": header.get("REASON", "survey"),
        "seq_num": header["SEQNUM"],
        "seq_start": header["SEQNUM"],
        "seq_end": header["SEQNUM"],
        "target_name": header.get("OBJECT", ""),
        "science_program": header.get("PROGRAM", ""),
        "tracking_ra": header.get("RA"),
        "tracking_dec": header.get("DEC"),
        "sky_angle": header.get("ROTANG"),
        "timespan": Timespan(
            Time(header["DATE-BEG"], format="isot", scale="tai"), Time(header["DATE-END"], format="isot", scale="tai")
        ),
    }
headers_seconds = time.perf_counter() - started
with butler.transaction():
    registry.insertDimensionData("day_obs", *days.values())
    registry.insertDimensionData("group", *groups.values())
    registry.insertDimensionData("exposure", *exposures.values())
    data_ids = [registry.expandDataId(instrument="SimCam", exposure=e, detector=d) for _, e, d in found]
    datasets = [
        FileDataset(
            path=path,
            refs=[DatasetRef(raw, data_id, run="SimCam/raw/all")],
            formatter="lsst.daf.butler.formatters.file.FileFormatter",
        )
        for (path, _, _), data_id in zip(found, data_ids)
    ]
    butler.ingest(*datasets, transfer="direct")
seconds = time.perf_counter() - started
print(json.dumps({"files": len(paths), "seconds": seconds, "headersSeconds": headers_seconds}))
