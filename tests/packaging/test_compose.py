"""compose.yaml, by the specification of Compose and by what its services need of each other."""

import json
import tomllib
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from app.shared.settings import Settings
from tests.packaging.conftest import REPOSITORY

TEXT = (REPOSITORY / "compose.yaml").read_text()


def services() -> dict[str, dict[str, Any]]:
    """The services, with what they share put in."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
    return found


def test_it_is_what_the_specification_allows() -> None:
    assert sorted(PyCompose.from_json(json.dumps(yaml.safe_load(TEXT))).service_names()) == [
        "api",
        "db",
        "migrate",
        "nginx",
    ]


def test_a_key_that_the_specification_does_not_know_would_be_found() -> None:
    wrong = yaml.safe_load(TEXT)
    wrong["services"]["api"]["depend_on"] = {}
    with pytest.raises(ValueError, match="depend_on"):
        PyCompose.from_json(json.dumps(wrong))


def test_two_replicas_start_after_one_job_has_migrated_and_nginx_after_them() -> None:
    found = services()
    assert found["api"]["deploy"]["replicas"] == 2
    assert found["migrate"]["command"] == ["dealgraph", "migrate"]
    conditions = {
        name: {other: about["condition"] for other, about in one.get("depends_on", {}).items()}
        for name, one in found.items()
    }
    assert conditions == {
        "db": {},
        "migrate": {"db": "service_healthy"},
        "api": {"migrate": "service_completed_successfully", "db": "service_healthy"},
        "nginx": {"api": "service_healthy"},
    }


def test_every_setting_in_it_is_one_that_there_is() -> None:
    for name in ("api", "migrate"):
        ours = [one for one in services()[name]["environment"] if one.startswith("DEALGRAPH_")]
        assert {one.removeprefix("DEALGRAPH_").lower() for one in ours} <= Settings.model_fields.keys()


def test_nobody_outside_reaches_anything_but_nginx_and_no_password_stands_in_it() -> None:
    found = services()
    assert [name for name, one in found.items() if "ports" in one] == ["nginx"]
    assert TEXT.count("${DEALGRAPH_DB_PASSWORD:?") == 2
    (published,) = found["nginx"]["ports"]
    assert f"listen {published.rpartition(':')[2]};" in (REPOSITORY / "docs/deploy/nginx.conf").read_text()


def test_what_we_build_has_nothing_that_it_does_not_need() -> None:
    for name in ("api", "migrate", "nginx"):
        one = services()[name]
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert "/tmp" in one["tmpfs"]  # noqa: S108 - a container's own


def test_every_image_has_a_version() -> None:
    images = [one["image"] for one in services().values()]
    assert all(":" in image and not image.endswith(":latest") for image in images)


def test_postgresql_takes_the_connections_of_all_replicas() -> None:
    found = services()
    (allowed,) = (int(word.partition("=")[2]) for word in found["db"]["command"] if "max_connections=" in word)
    pool = Settings.model_fields["pool_size"].default
    assert found["api"]["deploy"]["replicas"] * 2 * pool + 10 <= allowed


def test_the_version_is_the_same_wherever_it_stands() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert services()["api"]["image"] == services()["migrate"]["image"] == f"dealgraph:{version}"
