"""``dealgraph import`` and ``dealgraph export``, on the store itself and on a server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import AsyncClient

from app.cli import remote
from app.shared.database import Database
from tests.cli.test_cli import told
from tests.factories import company, one_of_each
from tests.transfer.moving import exported, lines, revision

Handler = Callable[[httpx.Request], httpx.Response]
REPORT: dict[str, Any] = {
    **dict.fromkeys(("created", "changed", "unchanged"), 0),
    "dry_run": False,
    "revision": 1,
    "read": 1,
    "resources": {"companies": {"created": 1, "changed": 0, "unchanged": 0}},
    "created_missing": ["x"],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of one record of each resource, and what they refer to."""
    path = tmp_path / "all.ndjson"
    path.write_text(lines(**one_of_each()))
    return path


async def test_files_are_imported_in_turn_and_exported_again(
    store: Database, store_url: str, file: Path, tmp_path: Path, client: AsyncClient
) -> None:
    rows, named = tmp_path / "more.csv", tmp_path / "named.YML"
    rows.write_text("slug,name,kind\r\nmore,More,other\r\n")
    named.write_text("companies:\n- {slug: child, name: Child, kind: other, parent: its-parent}\n")
    first = await told(store_url, "import", str(file), "--reason", "moved", "--dry-run")
    assert first.stdout.startswith("all.ndjson: would be 9 created (1 sources, 3 companies, 1 contracts, ")
    assert await revision(store) == 0
    assert (await told(store_url, "import", str(file))).stdout.startswith("all.ndjson: 9 created (")
    second = await told(store_url, "import", str(rows), str(rows), "--resource", "companies")
    assert second.stdout == "more.csv: 1 created (1 companies)\nmore.csv: 1 unchanged (1 companies)\n"
    third = await told(store_url, "import", str(named), "--create-missing")
    assert third.stdout.splitlines() == [
        "named.YML: 2 created (2 companies)",
        "named.YML: companies made since they were named: its-parent",
    ]
    out = tmp_path / "out.ndjson"
    assert (await told(store_url, "export", "--out", str(out))).exit_code == 0
    assert out.read_bytes() == await exported(client)
    assert not out.with_name("out.ndjson.part").exists()
    narrowed = await told(store_url, "export", "--resource", "companies", "--filter", "slug=more", "--format", "csv")
    assert narrowed.stdout.splitlines()[1].startswith("more,More,other,")
    past = await told(store_url, "export", "--known-at", "2001-01-01T00:00:00Z")
    assert (past.exit_code, past.stdout) == (0, "")


async def test_a_file_that_is_refused_ends_with_1_and_the_report(
    store: Database, store_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_text(lines(companies=[company("a"), company("b", kind="bank"), company("c", parent="aa")]))
    result = await told(store_url, "import", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    first, *reasons = result.stderr.splitlines()
    assert first == "dealgraph: bad.ndjson: nothing was loaded:"
    assert [reason.split(": ")[:2] for reason in reasons] == [["line 2", "/kind"], ["line 3", "/parent"]]
    assert await revision(store) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("import",),
        ("import", "no-such-file.ndjson"),
        ("import", "{0}/records.txt"),
        ("import", "{0}/records.csv", "--resource", "company"),
        ("export", "--format", "xml"),
        ("export", "--known-at", "yesterday"),
        ("export", "--filter", "kind"),
    ],
    ids=" ".join,
)
async def test_what_is_called_wrongly_ends_with_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    for name in ("records.txt", "records.csv"):
        (tmp_path / name).write_text("")
    result = await told("sqlite:///unused.db", *(one.format(tmp_path) for one in arguments))
    assert (result.exit_code, result.stdout) == (2, ""), result.output


async def test_an_export_that_makes_no_sense_ends_with_1(store_url: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = await told(store_url, "export", "--format", "csv", "--out", str(out))
    assert result.exit_code == 1
    assert "csv has the columns of one resource" in result.stderr
    assert not out.exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Handler]]:
    """What a server answers to one request after another; no time passes between two tries."""
    answers: list[Handler] = []

    def answer(request: httpx.Request) -> httpx.Response:
        return answers.pop(0)(request)

    def client(url: str, key: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx.MockTransport(answer)
        return httpx.Client(transport=transport, base_url=url, headers=headers)

    for module in ("importing", "exporting"):
        monkeypatch.setattr(f"app.cli.{module}.client", client)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    yield answers
    assert answers == []


def answering(status: int, seen: list[httpx.Request], **more: Any) -> Handler:  # noqa: ANN401 - as httpx takes them
    """Answer with a status, once the request was read."""

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(status, **more)

    return answer


def failing(_request: httpx.Request) -> httpx.Response:
    """Do not answer."""
    raise httpx.ConnectError("nobody listens")


async def test_an_upload_is_tried_again_with_one_key_of_its_own(server: list[Handler], file: Path) -> None:
    seen: list[httpx.Request] = []
    problem = {"detail": "busy", "errors": []}
    server += [
        failing,
        answering(503, seen, headers={"Retry-After": "7"}),
        answering(429, seen),
        answering(409, seen, json=problem, headers={"Retry-After": "1"}),
        answering(200, seen, json=REPORT),
    ]
    words = ("import", str(file), "--url", "http://there", "--create-missing")
    result = await told("sqlite:///unused.db", *words, DEALGRAPH_KEY="dg_1_2")
    assert result.exit_code == 0, result.output
    assert result.stdout == "all.ndjson: 1 created (1 companies)\nall.ndjson: companies made since they were named: x\n"
    assert "the server answers 503; trying again in 7 s" in result.stderr
    content = lines(**one_of_each()).encode()
    assert {request.content for request in seen} == {content}
    assert {request.headers["Idempotency-Key"] for request in seen} == {seen[0].headers["Idempotency-Key"]}
    assert {request.headers["Authorization"] for request in seen} == {"Bearer dg_1_2"}
    assert str(seen[0].url) == "http://there/v1/imports?create_missing=true"
    assert seen[0].headers["Content-Length"] == str(len(content))
    assert seen[0].headers["Content-Type"] == "application/x-ndjson"
    # Another file, another address or another question has another key; what was done before is said to be.
    server.append(answering(200, seen, json=REPORT, headers={"Idempotency-Replayed": "true"}))
    again = await told("sqlite:///unused.db", "import", str(file), "--url", "http://there", "--key", "dg_1_2")
    assert seen[-1].headers["Idempotency-Key"] != seen[0].headers["Idempotency-Key"]
    assert "the server had done this before" in again.stderr


async def test_a_refusal_of_a_server_is_shown_and_not_tried_again(server: list[Handler], file: Path) -> None:
    seen: list[httpx.Request] = []
    flaw = {"line": 3, "pointer": "/parent", "detail": "there is no 'aa' in companies", "suggestion": "a"}
    told_so = {"detail": "nothing was imported: 1 thing is wrong", "errors": [flaw]}
    server.append(
        answering(422, seen, content=json.dumps(told_so), headers={"Content-Type": "application/problem+json"})
    )
    result = await told("sqlite:///unused.db", "import", str(file), "--url", "http://there")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "dealgraph: nothing was imported: 1 thing is wrong",
        "line 3: /parent: there is no 'aa' in companies (did you mean 'a'?)",
    ]


async def test_a_server_that_stays_away_ends_with_1(server: list[Handler], file: Path) -> None:
    server += [failing] * remote.TRIES
    result = await told("sqlite:///unused.db", "import", str(file), "--url", "http://there")
    assert result.exit_code == 1
    assert "could not be asked, 6 times: nobody listens" in result.stderr.splitlines()[-1]


class _Breaking(httpx.SyncByteStream):
    """A body that ends in the middle of a line."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx.ReadError("the line is dead")


async def test_an_export_that_breaks_off_goes_on_after_its_last_whole_line(
    server: list[Handler], tmp_path: Path
) -> None:
    seen: list[httpx.Request] = []
    whole = lines(companies=[company("a"), company("b")], contracts=[{"slug": "c"}]).splitlines(keepends=True)
    named = {"Dealgraph-Revision": "5"}
    broken = _Breaking((whole[0] + whole[1] + whole[2][:9]).encode())
    server += [
        answering(200, seen, stream=broken, headers=named),
        failing,
        answering(200, seen, content=whole[2], headers=named),
    ]
    out = tmp_path / "out.ndjson"
    words = ("--url", "http://there", "--known-at", "2026-01-01T00:00:00Z", "--out", str(out))
    result = await told("sqlite:///unused.db", "export", *words)
    assert result.exit_code == 0, result.output
    assert out.read_text() == "".join(whole)
    assert dict(seen[0].url.params) == {"format": "ndjson", "known_at": "2026-01-01T00:00:00Z"}
    assert dict(seen[1].url.params) == {"format": "ndjson", "after": "companies/b", "revision": "5"}
