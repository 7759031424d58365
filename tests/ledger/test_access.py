"""The gate: every route, with every kind of key, when reads are public and when they are not."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from httpx import AsyncClient
from sqlalchemy import insert, select
from starlette.types import Message

from app.ledger import access, keys
from app.ledger.caller import caller_of
from app.main import create_app
from app.models.access import keys as table
from app.shared import http
from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import DATABASES, empty_store, serving
from tests.describing import described
from tests.ledger.keyed import PASSED, asked, bearer, passed
from tests.server import free_port
from tests.statements import statements

Headers = list[tuple[bytes, bytes]]

# The rule, as docs/keys.md states it.
RANK = {"none": 0, "read": 1, "write": 2, "admin": 3}
INVALID = ("revoked", "malformed", "unknown id", "wrong secret")
KEYS = (*RANK, *INVALID)
OPEN = {"/health", "/ready", "/docs", "/redoc", "/openapi.json", "/metrics"}
READS_BY_POST = {"/v1/match", "/reconcile"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get")

# What is not in the description of the API, is there only once others have added it, or is not there at all.
FURTHER = (
    *("/", "/docs", "/docs/oauth2-redirect", "/docs/swagger-ui.css", "/docs/fastapi/favicon.png", "/redoc"),
    *(
        "/redoc/redoc.standalone.js",
        "/openapi.json",
        "/metrics",
        "/companies",
        "/static/x.css",
        "/staticx",
        "/docsx",
        "/healthx",
        "/health/x",
    ),
    *("/v1/match", "/reconcile", "/v1/match/x", "/v1/webhooks", "/v1/webhooks/x/deliveries", "/v1/imports", "/", ""),
)


def needs(method: str, path: str, *, public_reads: bool) -> str:
    """The scope that the rule asks for."""
    if path.startswith("/v1/webhooks"):
        return "admin"
    if method not in {"GET", "HEAD", "OPTIONS"} and (method, path) not in {("POST", one) for one in READS_BY_POST}:
        return "write"
    return "none" if public_reads or path in OPEN or path.startswith(("/docs/", "/static/")) else "read"


def expected(method: str, path: str, key: str, *, public_reads: bool) -> int:
    """How the rule answers a request."""
    if key in INVALID:
        return 401
    if RANK[key] >= RANK[needs(method, path, public_reads=public_reads)]:
        return PASSED
    return 401 if key == "none" else 403


def explorer_paths() -> Iterator[str]:
    """An address of every page of the explorer, and of its files."""
    for included in create_app(Settings(database_url="sqlite:///unused.db")).router.routes:
        # FastAPI puts the routes of a router that it includes together when they are asked for.
        for route in included.effective_route_contexts() if hasattr(included, "effective_route_contexts") else ():
            if not route.include_in_schema:
                yield re.sub(r"{.*?}", "openai", route.path)


def routes() -> Iterator[tuple[str, str]]:
    """Every method and path that there is, and some that are not."""
    app = create_app(Settings(database_url="sqlite:///unused.db"))
    for path, operations in app.openapi()["paths"].items():
        yield from ((method.upper(), re.sub(r"{.*?}", "x", path)) for method in operations)
    for route in app.router.routes:
        path = re.sub(r"{.*?}", "x", getattr(route, "path", None) or "/")
        yield from ((method, path) for method in getattr(route, "methods", None) or ("GET",))
    yield from (("GET", path) for path in (*FURTHER, *explorer_paths()))


PAIRS = sorted(set(routes()))


async def headers_by_state(store: Database) -> dict[str, Headers]:
    """What a request of each kind of key carries."""
    valid = {scope: (await bearer(store, scope))["Authorization"] for scope in ("read", "write", "admin")}
    gone = (await bearer(store, "admin"))["Authorization"]
    await keys.revoke(store, gone.split("_")[1])
    admin = valid["admin"]
    sent = valid | {
        "revoked": gone,
        "malformed": admin[:-1],
        "unknown id": f"Bearer dg_{'0' * 12}_{'0' * 64}",
        "wrong secret": f"{admin[:-64]}{'0' * 64}",
    }
    return {"none": []} | {state: [(b"authorization", value.encode())] for state, value in sent.items()}


@asynccontextmanager
async def gated(url: str, monkeypatch: pytest.MonkeyPatch, **settings: object) -> AsyncIterator[FastAPI]:
    """The app as it is put together, but for its routes: what gets past the gate is answered with 204."""
    app = create_app(Settings.model_validate({"database_url": url, **settings}))
    monkeypatch.setattr(app, "router", passed)
    yield app
    await app.state.database.close()


@pytest.mark.parametrize("public_reads", [True, False])
async def test_every_route_asks_for_the_key_that_the_rule_says(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch, *, public_reads: bool
) -> None:
    sent = await headers_by_state(store)
    wrong = []
    async with gated(store_url, monkeypatch, public_reads=public_reads) as app:
        for method, path in PAIRS:
            for key in KEYS:
                status, *_ = await asked(app, method, path, sent[key])
                if status != expected(method, path, key, public_reads=public_reads):
                    wrong.append((method, path, key, status))
    assert len(PAIRS) > 60
    assert wrong == []


@pytest.mark.parametrize("public_reads", [True, False])
async def test_a_method_that_no_route_states_is_judged_like_a_write(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch, *, public_reads: bool
) -> None:
    sent = await headers_by_state(store)
    wrong = []
    async with gated(store_url, monkeypatch, public_reads=public_reads) as app:
        for path in sorted({path for _, path in PAIRS}):
            for method in METHODS:
                status, *_ = await asked(app, method, path, sent["none"])
                if status != expected(method, path, "none", public_reads=public_reads):
                    wrong.append((method, path, status))
        for method in METHODS:
            status, *_ = await asked(app, method, "/v1/companies", sent["read"])
            assert status == expected(method, "/v1/companies", "read", public_reads=public_reads), method
    assert wrong == []


# Forms of one path (RFC 3986, 6.2) as a server hands them over: percent-decoded, but not otherwise normalised.
ODD = (
    *("/v1/webhooks", "/v1/webhooks/", "/v1/webhooks/1", "/v1/webhooks/1/", "/v1/webhooks//1", "/v1/webhooks\n"),
    *("/v1/webhooks/1\n", "//v1/webhooks", "/v1//webhooks", "/./v1/webhooks", "/v1/./webhooks/1", "/v1/x/../webhooks"),
    *(
        "/V1/webhooks",
        "/v1/Webhooks",
        "/v1/webhooks;x",
        "/v1/webhooks ",
        "/v1/webhooks\\1",
        "/v1/%77ebhooks",
        "v1/webhooks",
    ),
)
PREFIXES = ("", "/api", "/api/", "/", "/v1", "/v1/webhooks")


async def test_no_form_of_a_path_and_no_prefix_leads_past_the_gate(store: Database) -> None:
    app = FastAPI()
    access.install(app, store, None, public_reads=True)
    http.install(app)
    reached = []

    @app.get("/v1/webhooks")
    @app.get("/v1/webhooks/{one}")
    async def webhooks(request: Request) -> None:
        reached.append((request.scope["path"], caller_of(request).scope))

    admin = [(name.lower().encode(), value.encode()) for name, value in (await bearer(store, "admin")).items()]
    for prefix in PREFIXES:
        for path in (*ODD, *(prefix + one for one in ODD)):
            await asked(app, "GET", path, root_path=prefix)
            assert reached == [], (prefix, path)
            await asked(app, "GET", path, admin, root_path=prefix)
            assert {scope for _, scope in reached} <= {"admin"}
            reached.clear()
    await asked(app, "GET", "/v1/webhooks\n", admin)
    assert reached == [("/v1/webhooks\n", "admin")]


async def test_a_web_socket_finds_no_way_in(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async with gated(store_url, monkeypatch) as app:
        await app({"type": "websocket", "path": "/v1/companies", "headers": [], "query_string": b""}, receive, send)
    assert sent == ["websocket.close"]


@pytest.fixture
async def valid(store: Database) -> str:
    """A key of scope admin as it is sent."""
    return (await bearer(store, "admin"))["Authorization"].removeprefix("Bearer ")


GOOD = ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}"]
BAD = [
    *(
        "",
        " ",
        "Bearer",
        "Bearer ",
        "{}",
        "Basic {}",
        "Token {}",
        "Bearer {} x",
        "Bearer {},",
        "Bearer\t{}",
        "Bearer {}=",
    ),
    *("Bearer {}\0", "Bearer \u00e9{}", "Bearer dg__", "Bearer dg_x_y_z", "Bearer " + "a" * 10_000, "a" * 10_000),
    *("Bearer Bearer {}", 'Bearer "{}"', "Bearer {}{}", "Bearer, Bearer {}"),
]


@pytest.mark.parametrize("form", GOOD)
async def test_the_name_of_the_scheme_may_be_in_any_case(client: AsyncClient, valid: str, form: str) -> None:
    reply = await client.delete("/v1/nothing", headers={"Authorization": form.format(valid)})
    assert reply.status_code == 404


async def test_whatever_is_wrong_with_a_key_it_is_told_in_the_same_words(
    store: Database, store_url: str, valid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = [[(b"authorization", form.format(valid, valid).encode("latin-1"))] for form in BAD]
    odd += [[(b"authorization", b"Bearer " + valid.encode())] * times for times in (2, 3)]
    odd += [sent for state, sent in (await headers_by_state(store)).items() if state in INVALID]
    told = set()
    async with gated(store_url, monkeypatch) as app:
        for headers in odd:
            for path in ("/health", "/v1/companies", "/v1/webhooks"):
                status, reply, body = await asked(app, "GET", path, [*headers, (b"x-request-id", b"1")])
                assert status == 401, headers
                told.add((reply["www-authenticate"], reply["content-type"], body.replace(path.encode(), b"PATH")))
    ((challenge, kind, body),) = told
    assert challenge == 'Bearer realm="dealgraph", error="invalid_token"'
    assert kind == "application/problem+json"
    assert b'"detail":"the key is not valid"' in body


async def test_who_needs_a_key_is_told_how_to_send_it_and_who_needs_another_which(
    store: Database, client: AsyncClient
) -> None:
    none = await client.post("/v1/companies", json={})
    assert (none.status_code, none.headers["WWW-Authenticate"]) == (401, 'Bearer realm="dealgraph"')
    assert "a key of scope write: send it as Authorization: Bearer dg_" in none.json()["detail"]
    small = await client.post("/v1/companies", json={}, headers=await bearer(store, "read"))
    assert (small.status_code, small.json()["title"]) == (403, "Forbidden")
    challenge = 'Bearer realm="dealgraph", error="insufficient_scope", scope="write"'
    assert small.headers["WWW-Authenticate"] == challenge
    assert small.json()["detail"] == "this needs a key of scope write; yours has scope read"


async def test_a_refusal_of_head_has_no_content(client: AsyncClient) -> None:
    reply = await client.head("/v1/webhooks")
    assert (reply.status_code, reply.content) == (401, b"")


async def test_a_revoked_key_is_refused_on_the_next_request_by_every_replica(store: Database, store_url: str) -> None:
    headers = await bearer(store, "read")
    async with serving(store_url) as one, serving(store_url) as other:
        for _ in range(2):
            assert [(await each.get("/health", headers=headers)).status_code for each in (one, other)] == [200, 200]
        await keys.revoke(store, headers["Authorization"].split("_")[1])
        assert [(await each.get("/health", headers=headers)).status_code for each in (other, one)] == [401, 401]


@pytest.fixture(params=DATABASES)
async def lagging(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[list[str]]:
    """Two stores of a kind: the primary, and what stands for a replica that never catches up."""
    async with (
        empty_store(request.param, templates, postgresql_server) as primary,
        empty_store(request.param, templates, postgresql_server) as replica,
    ):
        yield [primary, replica]


async def test_a_replica_that_lags_neither_accepts_a_revoked_key_nor_refuses_a_new_one(lagging: list[str]) -> None:
    primary, replica = (Database(Settings(database_url=url)) for url in lagging)
    revoked, new = await bearer(primary), await bearer(primary)
    async with primary.reading() as source, replica.writing() as copy:
        row = (await source.execute(select(table).order_by(table.c.created_at).limit(1))).mappings().one()
        await copy.execute(insert(table), dict(row))
    await keys.revoke(primary, revoked["Authorization"].split("_")[1])
    async with serving(lagging[0], read_database_url=lagging[1]) as client:
        assert (await client.get("/health", headers=revoked)).status_code == 401
        assert (await client.get("/health", headers=new)).status_code == 200
    for database in (primary, replica):
        await database.close()


async def test_a_read_without_a_key_asks_the_store_nothing_for_it_and_one_with_a_key_one_thing(
    store: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await headers_by_state(store)
    async with gated(store_url, monkeypatch) as app:
        for state, asking in (("none", 0), ("malformed", 0), ("read", 1), ("unknown id", 1), ("revoked", 1)):
            with statements() as said:
                await asked(app, "GET", "/v1/companies/x", sent[state])
            assert len(said) == asking, state


async def test_while_the_store_is_away_a_key_cannot_be_checked_and_a_reader_without_one_is_not_kept_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = f"Bearer dg_{'0' * 12}_{'0' * 64}".encode()
    async with gated(f"postgresql://127.0.0.1:{free_port()}/deals", monkeypatch) as app:
        status, told, body = await asked(app, "GET", "/v1/companies", [(b"authorization", key)])
        assert (status, told["content-type"], told["retry-after"]) == (503, "application/problem+json", "2")
        assert json.loads(body)["detail"] == "no key can be checked now; ask again in a moment"
        assert re.search("store unavailable +error=.*Connect call failed", capsys.readouterr().err)
        assert (await asked(app, "GET", "/v1/companies"))[0] == PASSED
        assert (await asked(app, "POST", "/v1/companies"))[0] == 401


async def test_a_route_is_told_who_asks(store: Database) -> None:
    app = FastAPI()
    access.install(app, store, None, public_reads=True)
    http.install(app)

    @app.get("/who")
    async def who(request: Request) -> list[str | None]:
        caller = caller_of(request)
        return [caller.key_id, caller.name, caller.scope]

    headers = await bearer(store, "write", "desk")
    sent = [(b"authorization", headers["Authorization"].encode())]
    assert (await asked(app, "GET", "/who"))[2] == b"[null,null,null]"
    key_id = headers["Authorization"].split("_")[1]
    assert (await asked(app, "GET", "/who", sent))[2].decode() == f'["{key_id}","desk","write"]'


def test_the_description_says_of_each_operation_which_key_it_needs_and_how_it_refuses() -> None:
    document = described()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            scope = needs(method.upper(), path, public_reads=True)
            optional: list[dict[str, Any]] = [{}, {"bearer": []}]
            assert operation["security"] == (optional if scope == "none" else [{"bearer": []}]), (method, path)
            statuses = {"401", "429", "503"} | ({"403"} if scope in {"write", "admin"} else set())
            assert statuses <= operation["responses"].keys(), (method, path)
            assert list(operation["responses"]) == sorted(operation["responses"])


def test_where_reads_are_closed_the_description_says_that_they_need_a_key() -> None:
    document = create_app(Settings(database_url="sqlite:///unused.db", public_reads=False)).openapi()
    assert document["paths"]["/v1/companies"]["get"]["security"] == [{"bearer": []}]
    assert document["paths"]["/health"]["get"]["security"] == [{}, {"bearer": []}]
