"""A route that takes the request alone is asked directly; whatever else it needs, FastAPI sees to."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from httpx import ASGITransport, AsyncClient

from app.shared.direct import Direct


async def refuse() -> None:
    raise HTTPException(403)


async def alone(request: Request) -> Response:
    return Response(request.url.path)


async def with_a_number(request: Request, number: Annotated[int, Query()]) -> Response:
    return Response(f"{request.method} {number + 1}")


@pytest.fixture
def app() -> FastAPI:
    router = APIRouter(route_class=Direct)
    router.add_api_route("/alone", alone)
    router.add_api_route("/number", with_a_number)
    router.add_api_route("/refused", alone, dependencies=[Depends(refuse)])
    app = FastAPI()
    app.include_router(router)
    app.include_router(router, prefix="/closed", dependencies=[Depends(refuse)])
    return app


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("/alone", 200, "/alone"),
        ("/number?number=1", 200, "GET 2"),
        ("/number?number=x", 422, ""),
        ("/refused", 403, ""),
        ("/closed/alone", 403, ""),
    ],
)
async def test_what_a_route_needs_is_seen_to(app: FastAPI, address: str, status: int, text: str) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        reply = await client.get(address)
    assert reply.status_code == status
    assert text in reply.text


async def test_a_route_on_the_app_itself_is_asked_directly_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("FastAPI was asked to read parameters")

    monkeypatch.setattr("fastapi.routing.solve_dependencies", never)
    app = FastAPI()
    app.router.routes += [Direct("/alone", alone), Direct("/number", with_a_number)]
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/alone")).text == "/alone"
        with pytest.raises(AssertionError):
            await client.get("/number?number=1")
