"""Keys on the command line: made, listed, rotated and revoked, and shown only where they are made."""

import re
from hashlib import sha256

import pytest
from httpx import AsyncClient

from tests.cli.test_cli import assert_failed, told
from tests.server import free_port

KEY = re.compile(r"dg_([0-9a-f]{12})_([0-9a-f]{64})\n")


async def made(url: str, scope: str, name: str) -> tuple[str, str]:
    """A key that the command line made, and its id."""
    result = await told(url, "keys", "create", "--scope", scope, "--name", name)
    assert result.exit_code == 0, result.output
    match = KEY.fullmatch(result.stdout)
    assert match, result.stdout
    return match[0].strip(), match[1]


async def asked(client: AsyncClient, key: str) -> int:
    """How a request that carries a key is answered."""
    return (await client.get("/health", headers={"Authorization": f"Bearer {key}"})).status_code


async def test_a_key_is_alone_on_standard_output_and_is_valid(store_url: str, client: AsyncClient) -> None:
    result = await told(store_url, "keys", "create", "--scope", "read", "--name", "desk")
    assert KEY.fullmatch(result.stdout)
    assert "not shown again" in result.stderr
    assert result.stdout.strip() not in result.stderr
    assert await asked(client, result.stdout.strip()) == 200


async def test_the_list_shows_every_key_in_a_line_and_nothing_secret(store_url: str) -> None:
    empty = await told(store_url, "keys", "list")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "dealgraph keys create" in empty.stderr
    one, one_id = await made(store_url, "write", "Desk of Ann")
    other, other_id = await made(store_url, "admin", "ops")
    await told(store_url, "keys", "revoke", one_id)
    listed = (await told(store_url, "keys", "list")).stdout
    instant = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    first, second = listed.splitlines()
    assert re.fullmatch(rf"{one_id}  Desk of Ann  write  {instant}  revoked {instant}", first)
    assert re.fullmatch(rf"{other_id}  ops          admin  {instant}  valid", second)
    for secret in (key.split("_")[2] for key in (one, other)):
        assert secret not in listed
        assert sha256(secret.encode()).hexdigest() not in listed


async def test_a_rotated_key_is_shown_once_and_replaces_the_old_one(store_url: str, client: AsyncClient) -> None:
    old, old_id = await made(store_url, "read", "desk")
    result = await told(store_url, "keys", "rotate", old_id)
    assert KEY.fullmatch(result.stdout)
    assert [await asked(client, key) for key in (old, result.stdout.strip())] == [401, 200]
    assert_failed(await told(store_url, "keys", "rotate", old_id), "is revoked")


async def test_a_revoked_key_is_valid_no_more(store_url: str, client: AsyncClient) -> None:
    key, key_id = await made(store_url, "read", "desk")
    assert await asked(client, key) == 200
    result = await told(store_url, "keys", "revoke", key_id)
    assert (result.exit_code, result.stdout) == (0, f"{key_id} revoked\n")
    assert await asked(client, key) == 401


@pytest.mark.parametrize("command", ["rotate", "revoke"])
async def test_an_id_that_is_not_there_is_said_in_one_line(store_url: str, command: str) -> None:
    result = await told(store_url, "keys", command, "nobody")
    assert_failed(result, "there is no key 'nobody'", "dealgraph keys list")
    assert result.stdout == ""


async def test_a_name_or_a_scope_that_cannot_be_is_refused(store_url: str) -> None:
    assert_failed(await told(store_url, "keys", "create", "--scope", "read", "--name", " "), "the name of a key")
    result = await told(store_url, "keys", "create", "--scope", "root", "--name", "desk")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Value error" not in result.stderr
    assert (await told(store_url, "keys", "list")).stdout == ""


@pytest.mark.parametrize("command", [("list",), ("create", "--scope", "read", "--name", "a"), ("revoke", "a")])
async def test_a_store_that_is_not_there_is_said_in_one_line(command: tuple[str, ...]) -> None:
    url = f"postgresql://me:s3cret@127.0.0.1:{free_port()}/deals"
    assert_failed(await told(url, "keys", *command), "cannot be used")
