"""Names as they are kept: in one form of Unicode, however they come in, and with a warning where letters are odd."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from tests.ledger.asking import get
from tests.ledger.written import MERGE_PATCH
from tests.transfer.moving import done

COMPOSED, APART = "Café", "Cafe\u0301"
ODD = "Nvidi\u0430"
URL, CAFE = "/v1/companies", "/v1/companies/cafe"


def stated(name: str = APART, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A company in as few words as it takes."""
    return {"slug": "cafe", "name": name, "kind": "other"} | more


async def sent(writer: AsyncClient, method: str, body: dict[str, Any], **headers: str) -> Response:
    """The good reply to a company."""
    reply = await writer.request(method, URL if method == "POST" else CAFE, json=body, headers=headers)
    assert reply.status_code in {200, 201}, reply.text
    return reply


async def test_text_is_kept_in_one_form_by_every_way_in(writer: AsyncClient) -> None:
    await sent(writer, "POST", stated(aliases=[APART], description=APART, citations=[]))
    assert (await get(writer, CAFE)).items() >= {
        "name": COMPOSED,
        "aliases": [COMPOSED],
        "description": COMPOSED,
    }.items()
    await writer.patch(CAFE, json={"name": f"{APART} 2"}, headers=MERGE_PATCH | {"If-Match": "*"})
    assert (await get(writer, CAFE))["name"] == f"{COMPOSED} 2"
    files = {
        "application/x-ndjson": f'{{"type":"companies","slug":"cafe","name":"{APART} 3","kind":"other"}}\n',
        "text/csv": f"slug,name,kind\r\ncafe,{APART} 4,other\r\n",
        "application/yaml": f"companies:\n- {{slug: cafe, name: {APART} 5, kind: other}}\n",
    }
    for number, (kind, content) in enumerate(files.items(), start=3):
        await done(writer, content, "?resource=companies", kind)
        assert (await get(writer, CAFE))["name"] == f"{COMPOSED} {number}"


async def test_a_filter_finds_a_name_in_whichever_form_it_is_asked(writer: AsyncClient) -> None:
    await sent(writer, "POST", stated(aliases=[APART]))
    for question in (
        "name=Cafe%CC%81",
        "name=Caf%C3%A9",
        "name__contains=fe%CC%81",
        "aliases=Cafe%CC%81",
        "q=caf%C3%A9",
    ):
        found = await get(writer, f"{URL}?{question}")
        assert [one["slug"] for one in found["data"]] == ["cafe"], question


async def test_a_reason_is_kept_in_the_same_form(writer: AsyncClient) -> None:
    await writer.post(f"{URL}?reason=e%CC%81", json=stated())
    assert (await get(writer, f"{CAFE}/history"))["data"][0]["reason"] == "é"


async def test_a_name_of_mixed_scripts_is_taken_with_a_warning_that_says_where(writer: AsyncClient) -> None:
    warned = '"it mixes letters of Cyrillic and Latin";pointer="/aliases/1"'
    body = stated("Nvidia", aliases=["NVDA", ODD])
    once = {"Idempotency-Key": "once"}
    first = await sent(writer, "POST", body, **once)
    again = await sent(writer, "POST", body, **once)
    assert (first.headers["Dealgraph-Warning"], again.headers["Dealgraph-Warning"]) == (warned, warned)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await get(writer, CAFE))["aliases"] == ["NVDA", ODD]
    patched = await writer.patch(CAFE, json={"name": ODD}, headers=MERGE_PATCH | {"If-Match": "*"})
    assert patched.headers["Dealgraph-Warning"] == warned.replace("aliases/1", "name") + f", {warned}"


async def test_an_ordinary_name_has_no_warning(writer: AsyncClient) -> None:
    reply = await sent(writer, "POST", stated("Яндекс", aliases=["ソフトバンク SoftBank", "Société"]))
    assert "Dealgraph-Warning" not in reply.headers


async def test_a_long_list_of_warnings_is_cut_and_says_so(writer: AsyncClient) -> None:
    reply = await sent(writer, "POST", stated("x", aliases=[f"{ODD} {number}" for number in range(25)]))
    told = reply.headers["Dealgraph-Warning"].split(", ")
    assert (len(told), told[-1]) == (21, '"and 5 more"')


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
async def test_an_import_warns_with_the_line(writer: AsyncClient, query: str) -> None:
    companies = (("x", "X"), ("y", ODD))
    lines = "".join(
        f'{{"type":"companies","slug":"{slug}","name":"{name}","kind":"other"}}\n' for slug, name in companies
    )
    report = await done(writer, lines, query)
    warned = {"line": 2, "pointer": "/name", "detail": "it mixes letters of Cyrillic and Latin"}
    assert (report["warnings"], report["warnings_total"]) == ([warned], 1)
