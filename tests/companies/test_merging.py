"""Two companies that turn out to be one, and that turn out to be two after all."""

from itertools import permutations
from random import Random
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select

from app.models.edges import edges
from app.models.ledger import OPEN, changes, records, versions
from app.projection.rebuild import compare
from app.projection.row import COMPARED
from app.shared.database import Database
from app.shared.json import loads_own
from tests.factories import citation, company, contract, event, fleet, investment, metric, put, source
from tests.graph.random_world import COMPANIES, random_history
from tests.ledger.asking import get, refusal, slugs
from tests.ledger.written import ANYHOW, JSON, change, flaw, post, take_back

Documents = dict[tuple[str, str], dict[str, Any]]
OLD, NEW = "open-ai-inc", "openai"


async def merge(writer: AsyncClient, slug: str = OLD, into: str = NEW, /, **headers: str) -> Response:
    """Merge a company, in whatever version it is unless another is named."""
    sent = JSON | (headers or ANYHOW)
    return await writer.post(f"/v1/companies/{slug}/merge", json={"into": into}, headers=sent)


async def unmerge(writer: AsyncClient, slug: str = OLD) -> Response:
    """Take a merge back."""
    return await writer.post(f"/v1/companies/{slug}/unmerge")


async def done(reply: Response) -> dict[str, Any]:
    """What a merge or its undoing answers, which must succeed."""
    assert reply.status_code == 200, reply.text
    content: dict[str, Any] = reply.json()
    return content


def parties(*pairs: str) -> list[dict[str, str]]:
    """The parties of a contract: ``openai:customer``."""
    return [dict(zip(("company", "role"), pair.split(":"), strict=True)) for pair in pairs]


def world() -> dict[str, list[dict[str, Any]]]:
    """One company under two names, which records of every kind name, in every place where one can be named."""
    aka = {"aliases": ["ChatGPT maker", "OpenAI"], "identifiers": [{"scheme": "ticker", "value": "OAI"}]}
    itself = {"aliases": ["Open AI"], "identifiers": [{"scheme": "ticker", "value": "OPEN"}]}
    asserted = citation(source="other", asserts={"investee": OLD})
    return {
        "sources": [source(), source(slug="other", published_on="2025-01-01")],
        "companies": [
            company(NEW, name="OpenAI", **itself),
            company(OLD, name="OpenAI, Inc.", **aka, country="US", citations=[citation(source="other")]),
            company("subsidiary", parent=OLD),
            company("coreweave"),
            company("nvidia"),
        ],
        "contracts": [
            contract(slug="k", parties=parties(f"{OLD}:customer", "coreweave:supplier")),
            contract(slug="both", parties=parties(f"{NEW}:customer", f"{OLD}:customer", "coreweave:supplier")),
            contract(slug="other-one", parties=parties("nvidia:supplier", "coreweave:customer")),
        ],
        "investments": [
            investment(slug="i", investors=["nvidia"], investee=OLD, citations=[citation(), asserted]),
            investment(slug="j", investors=["nvidia", OLD, NEW], investee="coreweave"),
        ],
        "fleets": [
            fleet(slug="f", operator="coreweave", users=[OLD], hardware=[{"vendor": "nvidia"}]),
            fleet(slug="g", operator="coreweave", users=[], hardware=[{"vendor": OLD}, {"vendor": NEW}]),
        ],
        "metrics": [metric(slug="m", company="coreweave", counterparty=OLD)],
        "events": [event(slug="e", companies=[{"company": OLD, "role": "speaker"}])],
    }


async def documents(store: Database) -> Documents:
    """What all current records say, without what each version counts anew."""
    query = select(records.c.type, records.c.slug, versions.c.document).join(versions)
    async with store.reading() as connection:
        rows = await connection.execute(query.where(versions.c.to_revision == OPEN, records.c.retracted.is_(False)))
    found = {(kind, slug): loads_own(text) for kind, slug, text in rows}
    return {key: one | {"version": None, "recorded_at": None} for key, one in found.items()}


async def current_edges(store: Database) -> set[tuple[Any, ...]]:
    """The edges that hold now; those that are kept must be what a replay of all versions gives."""
    columns = (edges.c[name] for name in ("record_slug", "dependent_id", "on_id", "kind", *COMPARED))
    async with store.reading() as connection:
        assert (await compare(connection)).clean
        return {tuple(row) for row in await connection.execute(select(*columns).where(edges.c.to_revision == OPEN))}


async def logged(store: Database) -> dict[tuple[str, str], tuple[int, str]]:
    """What the newest revision did to which record: the version and the action."""
    newest = select(changes.c.revision).order_by(changes.c.position.desc()).limit(1).scalar_subquery()
    query = select(records.c.type, records.c.slug, changes.c.version, changes.c.action)
    async with store.reading() as connection:
        rows = await connection.execute(
            query.join(changes, changes.c.record_id == records.c.id).where(changes.c.revision == newest)
        )
        return {(kind, slug): (version, action) for kind, slug, version, action in rows}


MOVED = {
    ("companies", NEW),
    ("companies", "subsidiary"),
    ("contracts", "k"),
    ("contracts", "both"),
    ("investments", "i"),
    ("investments", "j"),
    ("fleets", "f"),
    ("fleets", "g"),
    ("metrics", "m"),
    ("events", "e"),
}


async def test_all_that_named_the_one_names_the_other(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    reply = await done(await merge(writer))
    assert (reply["merged"], reply["into"], reply["revision"]) == (OLD, NEW, 2)
    assert {(one["type"], one["slug"]) for one in reply["moved"]} == MOVED
    now = await documents(store)
    assert now["companies", "subsidiary"]["parent"] == NEW
    assert now["contracts", "k"]["parties"] == parties(f"{NEW}:customer", "coreweave:supplier")
    assert now["investments", "i"]["investee"] == NEW
    assert now["investments", "i"]["citations"][1]["asserts"] == {"investee": NEW}
    assert now["fleets", "f"]["users"] == [NEW]
    assert now["metrics", "m"]["counterparty"] == NEW
    assert now["events", "e"]["companies"] == [{"company": NEW, "role": "speaker"}]
    assert ("companies", OLD) not in now
    await current_edges(store)


async def test_what_would_stand_twice_stands_once(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    now = await documents(store)
    assert now["contracts", "both"]["parties"] == parties(f"{NEW}:customer", "coreweave:supplier")
    assert now["investments", "j"]["investors"] == ["nvidia", NEW]
    assert [one["vendor"] for one in now["fleets", "g"]["hardware"]] == [NEW]


async def test_the_company_gets_names_identifiers_and_citations(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    shown = await get(writer, f"/v1/companies/{NEW}")
    assert (shown["name"], shown["country"], shown["version"]) == ("OpenAI", None, 2)
    assert shown["aliases"] == ["Open AI", "OpenAI, Inc.", "ChatGPT maker"]
    assert [one["value"] for one in shown["identifiers"]] == ["OPEN", "OAI"]
    assert [one["source"] for one in shown["citations"]] == ["other"]


async def test_its_dependencies_are_those_of_both(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    graph = await get(writer, f"/v1/companies/{NEW}/dependencies?depth=1")
    found = {(one["to"], one["record"]["slug"]) for one in graph["edges"]}
    assert {("coreweave", "k"), ("coreweave", "both"), ("nvidia", "i"), ("coreweave", "f")} <= found


async def test_the_log_tells_what_happened_to_each(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    assert await logged(store) == dict.fromkeys(MOVED, (2, "updated")) | {("companies", OLD): (1, "merged")}
    await done(await unmerge(writer))
    assert await logged(store) == dict.fromkeys(MOVED, (3, "updated")) | {("companies", OLD): (2, "unmerged")}


async def test_the_old_address_leads_on_and_keeps_its_history(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    for rest in ("", "/claims", "/dependencies?depth=2", "/impact", "/dependencies/diff?from=2024-01-01&to=2025-01-01"):
        reply = await writer.get(f"/v1/companies/{OLD}{rest}")
        assert (reply.status_code, reply.headers["Location"]) == (308, f"/v1/companies/{NEW}{rest}")
    assert (await writer.get("/v1/companies/Open-AI-Inc")).headers["Location"] == f"/v1/companies/{NEW}"
    assert len((await get(writer, f"/v1/companies/{OLD}/history"))["data"]) >= 1
    assert OLD not in await slugs(writer, "/v1/companies")
    assert (await refusal(writer, f"/v1/contracts?company={OLD}"))["suggestion"] == NEW


async def test_each_state_can_be_asked_for_ever_after(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    before = (await get(writer, "/v1/contracts/k"))["recorded_at"]
    await done(await merge(writer))
    between = (await get(writer, "/v1/contracts/k"))["recorded_at"]
    await done(await unmerge(writer))
    assert (await get(writer, "/v1/contracts/k", known_at=before))["parties"][0]["company"] == OLD
    assert (await get(writer, "/v1/contracts/k", known_at=between))["parties"][0]["company"] == NEW
    assert (await get(writer, "/v1/contracts/k"))["parties"][0]["company"] == OLD
    assert (await get(writer, f"/v1/companies/{OLD}", known_at=before))["version"] == 1
    for rest in ("", "/dependencies"):
        reply = await writer.get(f"/v1/companies/{OLD}{rest}", params={"known_at": between})
        assert reply.status_code == 308
        assert reply.headers["Location"].startswith(f"/v1/companies/{NEW}{rest}?known_at=")
        assert (await writer.get(f"/v1/companies/{OLD}{rest}", params={"known_at": before})).status_code == 200


async def test_unmerging_gives_everything_back(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    before, drawn = await documents(store), await current_edges(store)
    await done(await merge(writer))
    reply = await done(await unmerge(writer))
    assert (reply["unmerged"], reply["from"], reply["revision"], reply["left"]) == (OLD, NEW, 3, [])
    assert {(one["type"], one["slug"]) for one in reply["restored"]} == MOVED | {("companies", OLD)}
    assert await documents(store) == before
    assert await current_edges(store) == drawn


@pytest.mark.parametrize("seed", range(2))
async def test_merges_of_a_random_world_are_taken_back_in_reverse(
    store: Database, writer: AsyncClient, seed: int
) -> None:
    await put(store, **random_history(seed, revisions=1)[0])
    chance, states, merged = Random(seed), [], list[str]()  # noqa: S311 - the same each time
    pairs = list(permutations(COMPANIES, 2))
    chance.shuffle(pairs)
    for one, into in pairs:
        if len(merged) == 3 or one in merged or into in merged:
            continue
        before = await documents(store), await current_edges(store)
        reply = await merge(writer, one, into)
        assert reply.status_code in {200, 409}, reply.text
        if reply.status_code == 200:
            states.append(before)
            merged.append(one)
        else:
            assert (await documents(store), await current_edges(store)) == before
    assert merged
    for one in reversed(merged):
        await done(await unmerge(writer, one))
        assert (await documents(store), await current_edges(store)) == states.pop()


async def test_a_chain_of_merges_leads_to_its_end(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company(slug) for slug in "abcd"])
    for one, into in ("ab", "bc", "cd"):
        await done(await merge(writer, one, into))
    for slug in "abc":
        assert (await writer.get(f"/v1/companies/{slug}")).headers["Location"] == "/v1/companies/d"
    assert (await get(writer, "/v1/companies/d"))["aliases"] == ["C", "B", "A"]
    refused = await unmerge(writer, "a")
    assert refused.status_code == 409
    assert "'b', into which 'a' was merged, was merged or retracted since" in refused.json()["detail"]
    await done(await unmerge(writer, "c"))
    assert (await writer.get("/v1/companies/a")).headers["Location"] == "/v1/companies/c"


async def test_later_edits_stay_and_the_name_is_put_back_beside_them(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    await change(writer, "/v1/contracts/k", {"title": "Renamed"})
    added = parties("nvidia:guarantor", f"{NEW}:customer", "coreweave:supplier")
    await change(writer, "/v1/contracts/both", {"parties": added})
    await change(
        writer, "/v1/investments/i", {"investors": [NEW, "nvidia"], "investee": "coreweave", "citations": [citation()]}
    )
    await change(writer, "/v1/investments/j", {"investors": [NEW]})
    await change(writer, "/v1/fleets/f", {"users": ["nvidia"]})
    await change(writer, "/v1/fleets/g", {"hardware": [{"vendor": NEW, "product": "Chip"}]})
    await done(await unmerge(writer))
    now = await documents(store)
    assert now["contracts", "k"]["title"] == "Renamed"
    assert now["contracts", "k"]["parties"][0]["company"] == OLD
    assert now["contracts", "both"]["parties"] == parties(
        "nvidia:guarantor", f"{OLD}:customer", f"{NEW}:customer", "coreweave:supplier"
    )
    assert (now["investments", "i"]["investors"], now["investments", "i"]["investee"]) == ([NEW, "nvidia"], "coreweave")
    assert now["investments", "j"]["investors"] == [OLD, NEW]
    assert now["fleets", "f"]["users"] == ["nvidia"]
    assert [(one["vendor"], one["product"]) for one in now["fleets", "g"]["hardware"]] == [(OLD, "Chip")]
    await current_edges(store)


async def test_a_company_that_was_edited_loses_only_what_came(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    edited = {"aliases": ["ChatGPT maker", "Open AI", "A new one"], "description": "Edited.", "country": "GB"}
    await change(writer, f"/v1/companies/{NEW}", edited)
    await done(await unmerge(writer))
    shown = await get(writer, f"/v1/companies/{NEW}")
    assert (shown["aliases"], shown["description"], shown["country"]) == (["Open AI", "A new one"], "Edited.", "GB")
    assert [one["value"] for one in shown["identifiers"]] == ["OPEN"]
    assert shown["citations"] == []


async def test_what_was_retracted_since_stays_so(store: Database, writer: AsyncClient) -> None:
    await put(store, **world())
    await done(await merge(writer))
    assert (await take_back(writer, "/v1/events/e")).status_code == 204
    reply = await done(await unmerge(writer))
    assert reply["left"] == [{"type": "events", "slug": "e"}]
    assert (await writer.get("/v1/events/e")).status_code == 410


async def test_a_parent_that_turns_out_to_be_the_company_itself_goes(store: Database, writer: AsyncClient) -> None:
    says = [citation(asserts={"parent": "b", "country": "US"})]
    tells = [
        citation(asserts={"parent": "a", "name": "Bee", "country": "DE", "website": "https://b.example"}),
        citation(source="other", asserts={"parent": "c"}),
    ]
    pinned = {"preferred": {"parent": "the-article", "country": "the-article"}}
    b = company("b", citations=tells, preferred={"parent": "other"})
    companies = [company("a", citations=says, **pinned), b, company("c")]
    await put(store, sources=[source(), source(slug="other")], companies=companies)
    before = await documents(store)
    await done(await merge(writer, "b", "a"))
    shown = await get(writer, "/v1/companies/a")
    assert (shown["parent"], shown["name"], shown["website"]) == ("c", "A", "https://b.example")
    assert (shown["preferred"], shown["disputed"]) == ({"country": "the-article"}, ["country"])
    assert [one["asserts"] for one in shown["citations"]] == [
        {"country": "US"},
        {"country": "DE", "website": "https://b.example"},
        {"parent": "c"},
    ]
    await done(await unmerge(writer, "b"))
    assert await documents(store) == before


@pytest.mark.parametrize(
    ("resource", "record"),
    [
        ("contracts", contract(slug="x", parties=parties(f"{OLD}:customer", f"{NEW}:supplier"))),
        ("investments", investment(slug="x", investors=[NEW], investee=OLD)),
        (
            "metrics",
            metric(
                slug="x", company=OLD, counterparty=NEW, name="revenue_share", value={"amount": 1, "unit": "percent"}
            ),
        ),
    ],
)
async def test_a_company_that_would_depend_on_itself_is_not_merged(
    store: Database, writer: AsyncClient, resource: str, record: dict[str, Any]
) -> None:
    every = world()
    every[resource].append(record)
    await put(store, **every)
    before = await documents(store)
    told = flaw(await merge(writer), 409)
    assert told["detail"] == f"{resource}/x: 'openai' would depend on itself"
    assert await documents(store) == before
    assert (await get(writer, f"/v1/companies/{OLD}"))["version"] == 1


async def test_what_cannot_be_merged_says_why(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company(slug) for slug in ("alpha", "beta", "gamma", "gone")])
    await take_back(writer, "/v1/companies/gone")
    await done(await merge(writer, "gamma", "beta"))
    assert flaw(await merge(writer, "alpha", "alpha"), 422)["pointer"] == "/into"
    unknown = flaw(await merge(writer, "alpha", "betta"), 422)
    assert (unknown["pointer"], unknown["suggestion"]) == ("/into", "beta")
    assert "retracted" in flaw(await merge(writer, "alpha", "gone"), 409)["detail"]
    assert flaw(await merge(writer, "alpha", "gamma"), 409)["suggestion"] == "beta"
    again = await merge(writer, "gamma", "alpha")
    assert (again.status_code, again.json()["detail"]) == (409, "'gamma' was merged into 'beta' already")
    assert (await merge(writer, "gone", "alpha")).status_code == 410
    assert (await merge(writer, "nowhere", "alpha")).status_code == 404
    assert (await merge(writer, "Alpha", "beta")).headers["Location"] == "/v1/companies/alpha/merge"
    more = await post(writer, "/v1/companies/alpha/merge", {"into": "beta", "why": "the same"}, **ANYHOW)
    assert flaw(more, 422)["pointer"] == "/why"


async def test_a_second_unmerge_is_refused(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("a"), company("b")])
    assert (await unmerge(writer, "a")).status_code == 409
    await done(await merge(writer, "a", "b"))
    await done(await unmerge(writer, "a"))
    assert (await unmerge(writer, "a")).status_code == 409
    assert (await unmerge(writer, "nowhere")).status_code == 404
    await done(await merge(writer, "a", "b"))
    await done(await unmerge(writer, "a"))
    assert (await get(writer, "/v1/companies/a"))["version"] == 3


async def test_a_merge_means_one_version_and_is_done_once(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("a"), company("b")])
    assert (await post(writer, "/v1/companies/a/merge", {"into": "b"})).status_code == 428
    assert (await merge(writer, "a", "b", **{"If-Match": '"2"'})).status_code == 412
    key = {"If-Match": '"1"', "Idempotency-Key": "once"}
    first, second = [await merge(writer, "a", "b", **key) for _ in range(2)]
    assert (first.status_code, second.text) == (200, first.text)
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_a_merged_company_cannot_be_written_under_its_old_name(store: Database, writer: AsyncClient) -> None:
    await put(store, companies=[company("a"), company("b")])
    await done(await merge(writer, "a", "b"))
    for reply in (
        await change(writer, "/v1/companies/a", {"name": "Back"}),
        await take_back(writer, "/v1/companies/a"),
        await writer.post("/v1/companies/a/restore"),
    ):
        assert (reply.status_code, reply.headers["Location"].split("/")[3]) == (308, "b")
    with pytest.raises(Exception, match="'a' was merged into 'b'"):
        await put(store, companies=[company("a")])


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        (f"/v1/paths?from={OLD}&to=nvidia&as_of=2025-01-01", f"/v1/paths?from={NEW}&to=nvidia&as_of=2025-01-01"),
        (f"/v1/paths?from=nvidia&to={OLD}", f"/v1/paths?from=nvidia&to={NEW}"),
        (f"/v1/loops?company=nvidia&company={OLD}", f"/v1/loops?company=nvidia&company={NEW}"),
        (f"/v1/timeline?company={OLD}&limit=3", f"/v1/timeline?company={NEW}&limit=3"),
        (f"/v1/compare?company={OLD}&company=nvidia", f"/v1/compare?company={NEW}&company=nvidia"),
        (f"/paths?from={OLD}&to=nvidia", f"/paths?from={NEW}&to=nvidia"),
    ],
)
async def test_a_question_that_names_a_merged_company_is_sent_on(
    store: Database, writer: AsyncClient, asked: str, there: str
) -> None:
    await put(store, **world())
    then = (await get(writer, f"/v1/companies/{OLD}"))["recorded_at"]
    await done(await merge(writer))
    reply = await writer.get(asked)
    assert (reply.status_code, str(reply.request.url.join(reply.headers["Location"]))) == (308, f"http://test{there}")
    assert (await writer.get(there)).status_code == 200
    if "timeline" not in asked:
        assert (await writer.get(f"{asked}&known_at={then}")).status_code == 200
