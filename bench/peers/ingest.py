# SPDX-License-Identifier: BSD-3-Clause
"""The peer's side of the ingest figure: `ingest.py REPO FILE-LIST` prints one line of JSON.

Raw files of the simulated camera: headers of all HDUs by astropy, translated by astro_metadata_translator, exposure records made of that, records and
files registered in bulk, files left where they are. Imports, the new repository and its detectors come before the clock starts.
"""

import json
import sys
import time

import astropy.units as u
from astro_metadata_translator import FitsTranslator, ObservationInfo, cache_translation
from astropy.coordinates import Angle, SkyCoord
from astropy.io import fits
from astropy.time import Time
from lsst.daf.butler import Butler, DatasetRef, DatasetType, FileDataset, Timespan


class SimCamTranslator(FitsTranslator):
    """The simulated camera, by the rules that instruments/simcam.yaml has."""

    name = "SimCam"
    supported_instrument = "SimCam"
    _const_map = {"boresight_rotation_coord": "sky", "has_simulated_content": True, "telescope": "Sim"} | dict.fromkeys(
        "location altaz_begin boresight_airmass relative_humidity temperature pressure focus_z detector_name detector_group"
        " detector_unique_name detector_serial detector_exposure_id exposure_time_requested".split()
    )
    _trivial_map = {
        "instrument": "INSTRUME",
        "exposure_id": "EXPID",
        "visit_id": "EXPID",
        "observation_id": "OBSID",
        "exposure_group": "GROUPID",
        "physical_filter": "FILTER",
        "observation_type": "IMGTYPE",
        "observation_reason": ("REASON", {"default": "survey"}),
        "observing_day": "DAYOBS",
        "observation_counter": "SEQNUM",
        "detector_num": "DETECTOR",
        "exposure_time": ("EXPTIME", {"unit": u.s}),
        "dark_time": ("DARKTIME", {"unit": u.s}),
        "object": ("OBJECT", {"default": ""}),
        "science_program": ("PROGRAM", {"default": ""}),
    }

    @cache_translation
    def to_datetime_begin(self):
        return Time(self._header["DATE-BEG"], format="isot", scale="tai")

    @cache_translation
    def to_datetime_end(self):
        return Time(self._header["DATE-END"], format="isot", scale="tai")

    @cache_translation
    def to_tracking_radec(self):
        if "RA" not in self._header:
            return None
        return SkyCoord(self._header["RA"], self._header["DEC"], unit=u.deg, frame="icrs")

    @cache_translation
    def to_boresight_rotation_angle(self):
        return Angle(self._header["ROTANG"] * u.deg) if "ROTANG" in self._header else None


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
registry.insertDimensionData(
    "detector", *[{"instrument": "SimCam", "id": n, "full_name": f"D{n}", "purpose": "SCIENCE"} for n in range(1000)]
)
raw = DatasetType("raw", ["instrument", "exposure", "detector"], "Exposure", universe=butler.dimensions)
registry.registerDatasetType(raw)
butler.collections.register("SimCam/raw/all")

started = time.perf_counter()
days, groups, exposures, found = {}, {}, {}, []
for path in paths:
    with fits.open(path) as hdus:
        headers = [hdu.header for hdu in hdus]
    info = ObservationInfo(headers[0], translator_class=SimCamTranslator, pedantic=False, filename=path)
    number = info.exposure_id
    found.append((path, number, info.detector_num))
    if number in exposures:
        continue
    radec = info.tracking_radec
    days[info.observing_day] = {"instrument": "SimCam", "id": info.observing_day}
    groups[info.exposure_group] = {"instrument": "SimCam", "name": info.exposure_group}
    exposures[number] = {
        "instrument": "SimCam",
        "id": number,
        "day_obs": info.observing_day,
        "group": info.exposure_group,
        "physical_filter": info.physical_filter,
        "obs_id": info.observation_id,
        "exposure_time": info.exposure_time.to_value(u.s),
        "dark_time": info.dark_time.to_value(u.s),
        "observation_type": info.observation_type,
        "observation_reason": info.observation_reason,
        "seq_num": info.observation_counter,
        "seq_start": info.observation_counter,
        "seq_end": info.observation_counter,
        "target_name": info.object,
        "science_program": info.science_program,
        "tracking_ra": None if radec is None else radec.ra.deg,
        "tracking_dec": None if radec is None else radec.dec.deg,
        "sky_angle": None if info.boresight_rotation_angle is None else info.boresight_rotation_angle.deg,
        "timespan": Timespan(info.datetime_begin, info.datetime_end),
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
