"""The alerts and the unit under docs/, by the programs that will read them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.conftest import PROGRAMS

DOCS = Path(__file__).parents[2] / "docs"
RULES = DOCS / "prometheus/rules.yml"
UNIT = DOCS / "deploy/dealgraph.service"
EXPOSED = 20
"""Tenths of systemd's points of exposure, of 100, that a service may have."""

pytestmark = pytest.mark.deploy


def ran(*command: str | Path) -> str:
    """What a program says, that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_prometheus_takes_the_rules_and_each_alert_is_raised_when_it_should_be() -> None:
    assert "SUCCESS" in ran("promtool", "check", "rules", RULES)
    assert "SUCCESS" in ran("promtool", "test", "rules", RULES.with_name("rules_test.yml"))
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())
    tried = set(re.findall(r"alertname: (\w+)$", RULES.with_name("rules_test.yml").read_text(), re.MULTILINE))
    assert len(alerts) == 8
    assert set(alerts) == tried


def test_an_alert_on_a_figure_that_never_was_there_would_be_found() -> None:
    """Every figure that an alert names is described in docs/operations.md."""
    text = (DOCS / "operations.md").read_text()
    named = set(re.findall(r"\b(dealgraph_\w+?)(?:_bucket|_count)?\b(?=[{\[) ])", RULES.read_text()))
    assert named
    assert [name for name in sorted(named) if f"`{name}`" not in text] == []


def test_systemd_takes_the_unit_and_finds_little_to_attack(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    # Verified is also that what it starts is there.
    here.write_text(UNIT.read_text().replace("/opt/dealgraph/bin/dealgraph", "/bin/true"))
    assert ran("systemd-analyze", "verify", here) == ""
    ran("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", here)


def test_a_unit_that_is_left_open_would_be_found(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    here.write_text(re.sub(r"^(Protect|Restrict|System|Capability).*\n", "", UNIT.read_text(), flags=re.MULTILINE))
    with pytest.raises(AssertionError):
        ran("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", here)


def test_make_installs_each_program() -> None:
    recipe = (DOCS.parent / "Makefile").read_text().partition("\ntest-deploy:")[2].partition("\n\n")[0]
    assert all(name in recipe for name in PROGRAMS)
