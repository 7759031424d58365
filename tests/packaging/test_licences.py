"""The licences of what runs beside our code, and the bill of materials of the image."""

import json
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tests.packaging import licences
from tests.packaging.dockerfile import Image

pytestmark = pytest.mark.xdist_group("packaging")


def package(folder: Path, *lines: str) -> Distribution:
    """An installed package that says some things of itself."""
    info = folder / "one-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", "Name: one", "Version: 1", *lines]))
    return Distribution.at(info)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("License-Expression: MIT", set()),
        ("License-Expression: Apache-2.0 AND (MIT OR BSD-3-Clause)", set()),
        ("License-Expression: MIT AND AGPL-3.0-only", {"one"}),
        ("Classifier: License :: OSI Approved :: MIT License", set()),
        ("Classifier: License :: OSI Approved :: GNU Affero General Public License v3", {"one"}),
        ("License: Proprietary", {"one"}),
        ("Summary: says nothing of it", {"one"}),
    ],
)
def test_a_licence_that_is_not_allowed_or_not_said_is_found(tmp_path: Path, line: str, wrong: set[str]) -> None:
    assert licences.refused({"one": package(tmp_path, line)}).keys() == wrong


def test_what_is_looked_at_is_all_that_the_image_holds(image: Image) -> None:
    """So that no package which runs is left out, nor any exception kept that is not needed."""
    (site,) = (image.root / "opt/dealgraph/lib").glob("python*/site-packages")
    inside = {one.name.lower().replace("_", "-") for one in distributions(path=[str(site)])}
    assert inside - {"pip", "setuptools", "dealgraph"} == set(licences.needed("dealgraph", ["otel"]))
    assert licences.EXCEPTIONS.keys() <= inside


def test_the_bill_of_materials_names_every_package_and_no_place_of_this_machine(image: Image) -> None:
    command = [str(Path(sys.executable).parent / "cyclonedx-py"), "environment", str(image.root / "opt/dealgraph")]
    # That it keeps to the schema of CycloneDX, `make sbom` looks: it takes fifteen times as long as the bill itself.
    command += ["--output-reproducible", "--no-validate"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bill = json.loads(told)
    assert bill["bomFormat"] == "CycloneDX"
    named = {one["name"].lower().replace("_", "-"): one for one in bill["components"]}
    assert set(licences.needed("dealgraph", ["otel"])) <= set(named)
    assert all("version" in one and "purl" in one for name, one in named.items() if name != "dealgraph")
