"""Imports over HTTP: what they do, what they refuse with line and reason, and that nothing is ever half done."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.transfer import rows, yaml_file
from app.transfer.refusals import MAX_TOLD
from tests.conftest import serving
from tests.factories import citation, company, contract, fleet, one_of_each, put, source
from tests.ledger.keyed import bearer
from tests.transfer.moving import NDJSON, digest, done, exported, lines, revision, send, wrong

CSV = "text/csv"
YAML = "application/yaml"
COMPANIES = "?resource=companies"


async def test_records_may_stand_in_any_order_and_are_one_revision(store: Database, writer: AsyncClient) -> None:
    content = lines(**dict(reversed(one_of_each().items())))
    report = await done(writer, content, "?reason=moved+over&change=correction")
    assert (report["revision"], report["created"], report["read"], report["dry_run"]) == (1, 9, 9, False)
    assert report["resources"]["companies"] == {"created": 3, "changed": 0, "unchanged": 0}
    entry = (await writer.get("/v1/contracts/openai-coreweave/history")).json()["data"][0]
    assert (entry["actor"], entry["reason"], entry["change"]) == ("editor", "moved over", "correction")
    changed = content.replace("OpenAI rents", "OpenAI leases")
    report = await done(writer, changed)
    assert (report["revision"], report["changed"], report["unchanged"]) == (2, 1, 8)
    again = await done(writer, changed)
    assert (again["revision"], again["unchanged"]) == (None, 9)
    assert len((await writer.get("/v1/changes?limit=100")).json()["data"]) == 10
    assert await revision(store) == 2


async def test_a_dry_run_says_what_would_be_and_leaves_the_store_alone(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("openai"), company("nvidia")])
    before = await digest(store)
    content = lines(**one_of_each() | {"companies": [company("openai", name="Other"), company("nvidia")]})
    report = await done(writer, content, "?dry_run=true&create_missing=true")
    assert (report["dry_run"], report["created"], report["changed"], report["unchanged"]) == (True, 7, 1, 1)
    assert (report["revision"], report["created_missing"]) == (None, ["coreweave"])
    assert await digest(store) == before
    assert await revision(store) == 1
    assert await wrong(writer, lines(companies=[company(kind="bank")]), "?dry_run=true")


@pytest.mark.parametrize("text", ["on", "1", "yes", "True", ""])
async def test_whether_to_keep_it_is_true_or_false_in_no_other_words(writer: AsyncClient, text: str) -> None:
    reply = await writer.post(f"/v1/imports?dry_run={text}", content="", headers={"Content-Type": NDJSON})
    assert reply.status_code == 400
    assert [flaw["parameter"] for flaw in reply.json()["errors"]] == ["dry_run"]


async def test_companies_that_are_named_and_nowhere_are_made_if_asked_for(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("gone")])
    assert (await writer.delete("/v1/companies/gone", headers={"If-Match": "*"})).status_code == 204
    deal = contract(parties=[{"company": one, "role": "member"} for one in ("openai", "core-weave", "x-1")])
    content = lines(sources=[source()], contracts=[deal], companies=[company("openai", parent="old-parent")])
    assert [flaw[2] for flaw in await wrong(writer, content)] == [
        "there is no 'core-weave' in companies",
        "there is no 'x-1' in companies",
        "there is no 'old-parent' in companies",
    ]
    report = await done(writer, content, "?create_missing=true")
    assert report["created_missing"] == ["old-parent", "core-weave", "x-1"]
    made = (await writer.get("/v1/companies/core-weave")).json()
    assert (made["name"], made["kind"], made["version"]) == ("Core Weave", "other", 1)
    # What somebody took out is not brought back by being named.
    named = lines(companies=[company("child", parent="gone")])
    (flaw,) = await wrong(writer, named, "?create_missing=true")
    assert flaw == (1, "/parent", "'gone' was retracted", None)


async def test_a_company_that_was_merged_is_named_with_the_one_it_is_now(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company(slug) for slug in ("first", "second", "last")])
    for slug, into in (("first", "second"), ("second", "last")):
        reply = await writer.post(f"/v1/companies/{slug}/merge", json={"into": into}, headers={"If-Match": "*"})
        assert reply.status_code == 200, reply.text
    named = lines(companies=[company("child", parent="first")])
    expected = [(1, "/parent", "'first' was merged into 'last'", "last")]
    assert await wrong(writer, named) == expected
    assert await wrong(writer, named, "?create_missing=true") == expected
    reply = await writer.post("/v1/companies", json=company("child", parent="first"))
    (flaw,) = reply.json()["errors"]
    assert (reply.status_code, flaw["detail"], flaw["suggestion"]) == (422, "'first' was merged into 'last'", "last")


async def test_the_slug_is_made_where_it_is_left_out_and_references_find_it(writer: AsyncClient) -> None:
    child = {"type": "companies", "name": "Child & Co", "kind": "other", "parent": "parent-inc"}
    parent = {"kind": "other", "name": "Parent Inc.", "type": "companies"}
    await done(writer, "\n".join(map(json.dumps, (child, parent))))
    assert (await writer.get("/v1/companies/child-co")).json()["parent"] == "parent-inc"
    ((line, pointer, detail, _),) = await wrong(writer, "\n".join(map(json.dumps, (parent, parent))))
    assert (line, pointer, detail) == (2, "/slug", "'parent-inc' stands in line 1 already")


async def test_records_refer_to_others_of_their_own_that_come_a_thousand_later(
    store: Database, writer: AsyncClient
) -> None:
    first = company("first", parent="c-1000")
    more = [company(f"c-{number}") for number in range(1_001)]
    report = await done(writer, lines(companies=[first, *more]))
    assert (report["created"], report["revision"]) == (1_002, 1)
    assert (await writer.get("/v1/companies/first")).json()["parent"] == "c-1000"
    assert (await done(writer, lines(companies=[first, *more])))["unchanged"] == 1_002
    await digest(store)


async def test_the_records_of_the_documentation_can_be_imported(writer: AsyncClient) -> None:
    text = (Path(__file__).parents[2] / "docs/importing.md").read_text("utf-8")
    blocks = re.findall(r"^```json\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    report = await done(writer, next(block for block in blocks if '"type"' in block))
    assert (report["created"], report["read"]) == (3, 3)
    shown = json.loads(next(block for block in blocks if '"dry_run"' in block))
    assert shown.keys() == report.keys()


GOOD = json.dumps({"type": "companies", **company("good")})
BAD_LINES: dict[str, tuple[str | bytes, str, str, str | None]] = {
    "no JSON": ("nonsense", "", "not valid JSON at column 1: Expecting value", None),
    "a list": ("[1]", "", "a line is an object: a record with its type", None),
    "cut off": (GOOD[:-5], "", "not valid JSON", None),
    "a NUL": (GOOD.replace("Good", "G\0"), "", "not valid JSON", None),
    "a NUL that is written out": (GOOD.replace("Good", "G\\u0000"), "", "a string holds NUL", None),
    "a lone surrogate": (GOOD.replace("Good", "G\\ud800"), "", "a string holds a lone surrogate", None),
    "no UTF-8": (GOOD.replace("Good", "Gr\xfcn").encode("latin-1"), "", "not valid UTF-8 at byte", None),
    "a key twice": (GOOD.replace('"kind"', '"name": "x", "kind"'), "", "the key 'name' stands twice", None),
    "NaN": (GOOD.replace('"other"', "NaN"), "", "NaN is not a JSON number", None),
    "too deep": (GOOD.replace('"other"', "[" * 70 + "]" * 70), "", "the JSON is nested too deep", None),
    "no type": (json.dumps(company("x")), "/type", "the record has no type: one of companies, ", None),
    "another type": (GOOD.replace("companies", "company"), "/type", "unknown type 'company'", "companies"),
    "a type that is no text": (GOOD.replace('"companies"', "5"), "/type", "unknown type '5'", None),
    "another kind": (GOOD.replace("other", "othr"), "/kind", "one of ai_lab, cloud_provider", "other"),
    "an unknown field": (GOOD.replace("kind", "kin"), "/kin", "there is no field 'kin'", "kind"),
    "no such parent": (
        GOOD.replace("}", ', "parent": "goods"}'),
        "/parent",
        "there is no 'goods' in companies",
        "good",
    ),
    "a bad slug": (GOOD.replace('"good"', '"Good!"'), "/slug", "a slug is needed", None),
    "a slug that is no text": (GOOD.replace('"good"', "7"), "/slug", "a text is needed", None),
}


async def test_each_line_that_cannot_be_taken_is_named_with_its_reason(store: Database, writer: AsyncClient) -> None:
    for name, (bad, pointer, detail, suggestion) in BAD_LINES.items():
        text = bad if isinstance(bad, bytes) else bad.encode()
        told = await wrong(writer, b"\n" + GOOD.replace("good", "fine").encode() + b"\r\n" + text)
        first = next(flaw for flaw in told if flaw[1] == pointer)
        assert first[0] == 3, name
        assert first[2].startswith(detail), (name, first)
        assert suggestion in {None, first[3]}, name
    every = b"\n".join(bad if isinstance(bad, bytes) else bad.encode() for bad, *_ in BAD_LINES.values())
    assert {flaw[0] for flaw in await wrong(writer, every)} == set(range(1, len(BAD_LINES) + 1))
    assert await revision(store) == 0
    assert await exported(writer) == b""


async def test_all_that_is_wrong_is_counted_and_the_first_hundred_are_told(writer: AsyncClient) -> None:
    many = [contract(slug=f"c-{place}", stage="odd" if place % 2 else "signed") for place in range(130)]
    reply = await send(writer, lines(contracts=many, sources=[source()]))
    problem = reply.json()
    told = [flaw["line"] for flaw in problem["errors"]]
    # 65 have a bad stage, and each names two companies that are nowhere.
    assert (problem["total"], len(told), told) == (65 + 260, MAX_TOLD, sorted(told))
    assert problem["detail"] == "nothing was imported: 325 things are wrong, of which the first 100 are listed"
    assert told[:6] == [1, 1, 2, 2, 2, 3]


async def test_a_record_with_one_thing_wrong_is_looked_through_for_all_others(writer: AsyncClient) -> None:
    await done(writer, lines(sources=[source(slug="reuters-openai-coreweave")], companies=[company("openai")]))
    parties = [{"company": "opnai", "role": "customr"}, {"company": "openai", "role": "supplier"}, 5]
    bad = contract(parties=parties, term_months=0, citations=[citation(source="nope")])
    assert [(pointer, near) for _, pointer, _, near in sorted(await wrong(writer, lines(contracts=[bad])))] == [
        ("/citations/0/source", None),
        ("/parties/0/company", "openai"),
        ("/parties/0/role", "customer"),
        ("/parties/2", None),
        ("/term_months", None),
    ]
    row = b'slug,title,kind,stage,parties,term_months,exclusive,amends\na,A,compute,signed,"[{x",0,perhaps,nothing\n'
    told = await wrong(writer, row, "?resource=contracts", CSV)
    assert sorted(pointer for _, pointer, *_ in told) == [
        "/amends",
        "/citations",
        "/exclusive",
        "/parties",
        "/term_months",
    ]


async def test_a_zero_has_no_sign_in_any_format(writer: AsyncClient) -> None:
    content = lines(sources=[source()], companies=[company("coreweave"), company("nvidia"), company("openai")])
    record = fleet(hardware=[], users=[], latitude=0, longitude=0)
    await done(writer, content + lines(fleets=[record]).replace('"longitude":0', '"longitude":-0.0'))
    ndjson = await exported(writer, "?resource=fleets")
    assert b'"longitude":0,' in ndjson
    rows = await exported(writer, "?resource=fleets&format=csv")
    assert (await done(writer, rows, "?resource=fleets", CSV))["unchanged"] == 1


async def test_a_reference_that_only_the_store_can_refuse_is_told_with_its_line(
    store: Database, writer: AsyncClient
) -> None:
    its = {"scheme": "ticker", "value": "NVDA"}
    await put(store, sources=[source()], companies=[company("nvidia", identifiers=[its])])
    bad = company("other", identifiers=[{"scheme": "cik", "value": "1"}, its])
    other = fleet(operator="nvida", supersedes="nothing", citations=[citation(source="the-artcle")])
    told = await wrong(writer, f"{lines(fleets=[other])}\n{lines(companies=[bad])}")
    assert [flaw[:2] for flaw in told] == [
        (1, "/citations/0/source"),
        (1, "/operator"),
        (1, "/supersedes"),
        (3, "/identifiers/1"),
    ]
    assert [flaw[3] for flaw in told] == ["the-article", "nvidia", None, None]


async def test_a_byte_order_mark_and_either_line_end_are_taken(writer: AsyncClient) -> None:
    text = lines(companies=[company("a"), company("b")]).replace("\n", "\r\n")
    assert (await done(writer, b"\xef\xbb\xbf" + text.encode()))["created"] == 2
    rows = b"\xef\xbb\xbfslug,name,kind\nc,Caf\xc3\xa9,other\n"
    assert (await done(writer, rows, COMPANIES, CSV))["created"] == 1
    assert (await writer.get("/v1/companies/c")).json()["name"] == "Café"
    assert (await done(writer, b""))["read"] == 0


BAD_ROWS: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 1, "the file has no header"),
    "a header twice": (b"slug,name,kind,name\na,A,other,A", 1, "the column 'name' stands twice in the header"),
    "an unknown column": (b"slug,nam,kind\na,A,other", 1, "unknown column 'nam'"),
    "too few cells": (b"slug,name,kind\na,A,other\nb,B", 3, "the row has 2 cells, the header 3"),
    "too many cells": (b"slug,name,kind\n\na,A,other,x", 3, "the row has 4 cells, the header 3"),
    "a NUL": (b"slug,name,kind\na,A\0,other", 2, "a string holds NUL"),
    "no UTF-8": (b"slug,name,kind\na,Gr\xfcn,other", 2, "not valid UTF-8 at byte"),
    "a quote that is open": (b'slug,name,kind\na,"A,other\nb,B,other', 3, "not CSV (RFC 4180)"),
    "a quote in the middle": (b'slug,name,kind\na,"A"x,other', 2, "not CSV (RFC 4180)"),
    "a list that is no JSON": (b"slug,name,kind,aliases\na,A,other,[x", 2, "the cell holds '[x'"),
    "another kind": (b'slug,name,kind\n"a","A\nB",other\nc,C,bank', 4, "one of ai_lab, cloud_provider"),
}


async def test_each_row_of_csv_that_cannot_be_taken_is_named(store: Database, writer: AsyncClient) -> None:
    for name, (content, line, detail) in BAD_ROWS.items():
        ((its, _, told, _),) = await wrong(writer, content, COMPANIES, CSV)
        assert (its, told[: len(detail)]) == (line, detail), name
    ((_, _, told, _),) = await wrong(writer, b"slug,name", "", CSV)
    assert told == "a CSV file holds one resource: name it with resource"
    assert await revision(store) == 0


BAD_YAML = {
    "no mapping": ("- a", 1, "it is not a mapping from resource to a list of records"),
    "a key twice": ("companies:\n- {slug: a, slug: b}", 2, "column 13: the key 'slug' stands twice"),
    "cut off": ("companies: [", 1, "not YAML that we can read"),
    "no such resource": ("companies: []\ncompany:\n- {slug: a}", 3, "unknown resource 'company'"),
    "another kind": (
        "companies:\n- {slug: a, name: A, kind: other}\n- {slug: b, name: B, kind: bank}",
        3,
        "one of ai_lab, ",
    ),
    "a key that is no text": ("companies:\n- {1: a}", 2, "(dict) is not a JSON value"),
}
LAUGHS = "\n".join([f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9 if n else ['x'] * 9)}]" for n in range(9)])


async def test_yaml_is_taken_and_told_by_line(store: Database, writer: AsyncClient) -> None:
    for name, (content, line, detail) in BAD_YAML.items():
        told = await wrong(writer, content, "", YAML)
        assert told[0][0] == line, (name, told)
        assert detail in told[0][2], (name, told)
    assert "with what its aliases stand for" in (await wrong(writer, LAUGHS, "", YAML))[0][2]
    for deep in ("companies: " + "[" * 1_000_000, "- " * 500_000, "{a: " * 300_000):
        assert "nested too deep" in (await wrong(writer, deep, "", YAML))[0][2]
    large = "companies: []\n#".ljust(yaml_file.MAX_BYTES + 1, "x")
    assert "has at most 8,388,608 bytes" in (await wrong(writer, large, "", YAML))[0][2]
    assert await revision(store) == 0
    report = await done(writer, "companies:\n- &a {slug: a, name: A, kind: other, aliases: [0x]}\n", "", YAML)
    assert report["created"] == 1


async def test_a_line_without_an_end_is_refused_while_it_arrives(
    writer: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield GOOD.encode() + b"\n"
        for _ in range(10_000):
            sent += 1
            yield b"x" * 65_536

    for kind, query in ((NDJSON, ""), (CSV, COMPANIES)):
        sent = 0
        headers = {"Content-Type": kind}
        reply = await writer.post(f"/v1/imports{query}", content=endless(), headers=headers)
        (flaw,) = reply.json()["errors"]
        assert (reply.status_code, flaw["line"]) == (422, 2)
        assert flaw["detail"] == "the line is longer than 1,048,576 bytes, which is all that is read of one"
        assert sent < 20
    # A line that does end is told with the others of its file.
    monkeypatch.setattr(rows, "MAX_LINE", 1_000)
    padded = GOOD.replace("Good", "G" * 1_000)
    told = await wrong(writer, f"{GOOD}\n{padded}\n{GOOD}\n")
    assert [flaw[0] for flaw in told] == [2, 3]


async def test_a_file_that_is_too_large_or_of_another_kind_is_refused(store: Database, store_url: str) -> None:
    async with serving(store_url, max_import_bytes=2_000) as client:
        client.headers.update(await bearer(store))
        large = await send(client, lines(companies=[company(f"c-{number}") for number in range(50)]))
        assert large.status_code == 413
        for kind in ("application/json", "text/plain", ""):
            reply = await send(client, GOOD, "", kind)
            assert reply.status_code == 415, kind
            assert reply.headers["Accept-Post"] == "application/x-ndjson, text/csv, application/yaml"
        assert (await send(client, GOOD, "", NDJSON, Content_Encoding="gzip")).status_code == 415
        for query in ("?dry_run=perhaps", "?dry=true", "?resource=company", "?dry_run=true&dry_run=true", "?change=x"):
            assert (await send(client, GOOD, query)).status_code == 400, query
        assert (await send(client, GOOD, "?resource=contracts")).status_code == 422
        assert (await send(client, GOOD, COMPANIES, CSV)).status_code == 422
    assert await revision(store) == 0


async def test_the_same_file_with_the_same_key_is_imported_once(store: Database, writer: AsyncClient) -> None:
    content = lines(companies=[company("a")])
    first = await send(writer, content, Idempotency_Key="1")
    again = await send(writer, content, Idempotency_Key="1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    other = await send(writer, lines(companies=[company("b")]), Idempotency_Key="1")
    assert (other.status_code, other.json()["detail"][:20]) == (422, "this Idempotency-Key")
    assert await revision(store) == 1


async def test_an_upload_that_breaks_off_leaves_nothing(store: Database, store_url: str) -> None:
    async with serving(store_url) as client:
        app = client._transport.app  # type: ignore[attr-defined]  # noqa: SLF001 - its only way in
        headers = await bearer(store)
        sent = [{"type": "http.request", "body": lines(companies=[company("a")]).encode(), "more_body": True}]
        answers: list[Any] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            return sent.pop() if sent else {"type": "http.disconnect"}

        async def answer(message: Any) -> None:  # noqa: ANN401 - ASGI
            answers.append(message)

        given = {"content-type": NDJSON, "authorization": headers["Authorization"]}
        scope = {"type": "http", "method": "POST", "path": "/v1/imports", "query_string": b"", "root_path": ""}
        scope["headers"] = [(name.encode(), value.encode()) for name, value in given.items()]
        await app({**scope, "client": ("192.0.2.1", 1)}, receive, answer)
        assert answers[0]["status"] == 400
    assert await revision(store) == 0


async def test_whoever_may_not_write_may_not_import(store: Database, client: AsyncClient) -> None:
    assert (await send(client, GOOD)).status_code == 401
    client.headers.update(await bearer(store, "read"))
    assert (await send(client, GOOD)).status_code == 403
