"""ETags and the conditions set with them (RFC 9110, 13): what you have is still so, what you change is what you saw."""

from typing import Any

import pytest
from fastapi import Request
from httpx import AsyncClient, Response

from app.ledger.preconditions import check, etag_of, read_tags
from app.shared.database import Database
from app.shared.errors import BadRequest, PreconditionFailed, PreconditionRequired
from app.shared.json import dumps
from tests.factories import company, one_of_each, put
from tests.ledger.asking import get
from tests.ledger.written import CHANGED, JSON, MERGE_PATCH, STATED, change, place, take_back

ACME = "/v1/companies/acme"


def asking(**headers: str | list[str]) -> Request:
    """A request with some headers, each on as many lines as it has values."""
    lines = [
        (name.replace("_", "-").encode(), line.encode("latin-1"))
        for name, value in headers.items()
        for line in ([value] if isinstance(value, str) else value)
    ]
    return Request({"type": "http", "headers": lines})


def verdict(version: int | None, **headers: str | list[str]) -> int:
    """How a write that needs a condition is answered."""
    try:
        check(asking(**headers), version, needed=True)
    except (PreconditionFailed, PreconditionRequired, BadRequest) as problem:
        return problem.status
    return 200


@pytest.mark.parametrize(
    ("version", "if_match", "status"),
    [
        (3, '"3"', 200),
        (3, '"2"', 412),
        (3, '"33"', 412),
        (3, 'W/"3"', 412),
        (3, 'W/"3", "3"', 200),
        (3, '"1","2" , "3"', 200),
        (3, ', "3",,', 200),
        (3, '"1,3"', 412),
        (3, '"1, 3"', 400),
        (3, "*", 200),
        (3, ['"1"', '"3"'], 200),
        (3, '""', 412),
        (3, "3", 400),
        (3, '"3', 400),
        (3, '"3" "4"', 400),
        (3, '*, "3"', 400),
        (3, 'w/"3"', 400),
        (3, "", 400),
        (3, ",", 400),
        (None, '"3"', 412),
        (None, "*", 412),
    ],
)
def test_if_match_holds_for_the_current_version_alone(
    version: int | None, if_match: str | list[str], status: int
) -> None:
    assert verdict(version, if_match=if_match) == status


@pytest.mark.parametrize(
    ("version", "if_none_match", "status"),
    [
        (3, "*", 412),
        (3, '"3"', 412),
        (3, 'W/"3"', 412),
        (3, '"2"', 428),  # it says what the version is not: that is no version to change
        (None, "*", 200),
        (None, '"3"', 200),
        (None, "3", 400),
    ],
)
def test_if_none_match_holds_for_what_is_not_there(version: int | None, if_none_match: str, status: int) -> None:
    assert verdict(version, if_none_match=if_none_match) == status


def test_if_match_is_asked_before_if_none_match() -> None:
    with pytest.raises(PreconditionFailed, match="If-Match names another"):
        check(asking(if_match='"1"', if_none_match="*"), 3, needed=True)


def test_a_condition_is_needed_where_there_is_something_to_change() -> None:
    assert verdict(3) == 428
    assert verdict(None) == 200
    check(asking(), 3, needed=False)


def test_any_sign_of_an_etag_is_read() -> None:
    tags = read_tags(asking(if_match='"!#~,\xff"'), "If-Match")
    assert tags
    assert tags.listed == {'"!#~,\xff"'}


def test_an_etag_is_read_from_the_front_of_a_document() -> None:
    assert etag_of('{"slug":"version-7","version":41,"recorded_at":"x","title":",\\"version\\":9,"}') == '"41"'


async def refused(reply: Response, status: int, version: int | None) -> None:
    assert reply.status_code == status, reply.text
    assert reply.json()["current_version"] == version
    assert reply.headers.get("ETag") == (f'"{version}"' if version else None)


@pytest.mark.parametrize("resource", STATED)
async def test_a_stale_or_missing_condition_changes_nothing(
    store: Database, writer: AsyncClient, resource: str
) -> None:
    await put(store, **one_of_each())
    stated = next(iter(one_of_each()[resource]))
    url, (field, value) = f"/v1/{resource}/{stated['slug']}", CHANGED[resource]
    await change(writer, url, {field: value}, if_match='"1"')
    now = (await writer.get(url)).text
    for headers, status in ((None, 428), ({"If-Match": '"1"'}, 412)):
        body: dict[str, Any] = {"content": dumps(stated), "headers": JSON | (headers or {})}
        await refused(await writer.put(url, **body), status, 2)
        await refused(await writer.patch(url, content=b"{}", headers=MERGE_PATCH | (headers or {})), status, 2)
        await refused(await writer.delete(url, headers=headers), status, 2)
    assert (await writer.get(url)).text == now


async def test_put_with_if_none_match_star_creates_only(writer: AsyncClient) -> None:
    made = await place(writer, ACME, company("acme"), if_none_match="*")
    assert made.status_code == 201
    await refused(await place(writer, ACME, company("acme", name="B"), if_none_match="*"), 412, 1)
    await take_back(writer, ACME)
    assert (await place(writer, ACME, company("acme"), if_none_match="*")).status_code == 201


async def test_a_condition_on_what_is_not_there_fails(store: Database, writer: AsyncClient) -> None:
    await refused(await place(writer, ACME, company("acme"), if_match='"1"'), 412, None)
    await put(store, companies=[company("acme")])
    await take_back(writer, ACME)
    await refused(await place(writer, ACME, company("acme"), if_match='"1"'), 412, None)
    back = await writer.post(f"{ACME}/restore", headers={"If-Match": '"1"'})
    await refused(back, 412, None)
    # What is absent is told before any condition (RFC 9110, 13.2.1).
    assert (await take_back(writer, ACME, if_match='"1"')).status_code == 410
    assert (await change(writer, "/v1/companies/nobody", {}, if_match='"1"')).status_code == 404


async def test_an_etag_never_comes_back(writer: AsyncClient) -> None:
    seen = [(await place(writer, ACME, company("acme"))).headers["ETag"]]
    for _ in range(2):
        await take_back(writer, ACME)
        seen.append((await writer.post(f"{ACME}/restore")).headers["ETag"])
        seen.append((await change(writer, ACME, {"country": "US" if len(seen) == 2 else "NO"})).headers["ETag"])
    assert len(set(seen)) == len(seen) == 5


@pytest.mark.parametrize("given", ['"1"', 'W/"1"', '"9", "1"', "*"])
async def test_what_is_still_so_is_not_sent_again(store: Database, client: AsyncClient, given: str) -> None:
    await put(store, companies=[company("acme")])
    for method in ("GET", "HEAD"):
        reply = await client.request(method, ACME, headers={"If-None-Match": given})
        assert (reply.status_code, reply.headers["ETag"], reply.content) == (304, '"1"', b"")
        assert "Content-Type" not in reply.headers


async def test_what_has_changed_is_sent(store: Database, client: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    before = await get(client, ACME)
    await put(store, companies=[company("acme", name="B")])
    reply = await client.get(ACME, headers={"If-None-Match": '"1"'})
    assert (reply.status_code, reply.headers["ETag"], reply.json()["name"]) == (200, '"2"', "B")
    then = await client.get(ACME, params={"known_at": before["recorded_at"]}, headers={"If-None-Match": '"2"'})
    assert (then.status_code, then.headers["ETag"], then.json()) == (200, '"1"', before)
    again = await client.get(ACME, params={"known_at": before["recorded_at"]}, headers={"If-None-Match": '"1"'})
    assert again.status_code == 304


async def test_what_is_gone_is_told_whatever_the_condition(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("acme")])
    await take_back(writer, ACME)
    assert (await writer.get(ACME, headers={"If-None-Match": "*"})).status_code == 410
    assert (await writer.get("/v1/companies/nobody", headers={"If-None-Match": "*"})).status_code == 404
