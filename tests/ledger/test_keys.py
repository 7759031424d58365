"""Keys: shown once, found by their id, ended at once, and never kept in a form that could be used."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from app.ledger import keys
from app.ledger.caller import Caller
from app.models import metadata
from app.models.access import keys as table
from app.models.ledger import Scope
from app.shared.database import Database
from tests.conftest import serving

WRITTEN = re.compile(r"dg_([0-9a-f]{12})_([0-9a-f]{64})")


def parts(key: str) -> tuple[str, str]:
    """The id and the secret of a key."""
    match = WRITTEN.fullmatch(key)
    assert match, key
    return match[1], match[2]


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
async def test_a_key_that_was_made_is_found_with_its_name_and_scope(store: Database, scope: Scope) -> None:
    key = await keys.create(store, "  Desk of Ånna ", scope)
    assert await keys.find(store, key) == Caller(parts(key)[0], "Desk of Ånna", scope)


async def test_no_two_keys_are_alike(store: Database) -> None:
    made = [parts(await keys.create(store, "same", "read")) for _ in range(5)]
    assert len({key_id for key_id, _ in made}) == len({secret for _, secret in made}) == 5


async def test_only_the_digest_of_the_secret_is_kept_and_nowhere_else_than_beside_the_key(store: Database) -> None:
    key_id, secret = parts(await keys.create(store, "a", "admin"))
    digest = sha256(secret.encode()).hexdigest()
    holding = []
    async with store.reading() as connection:
        for one in metadata.sorted_tables:
            rows = str((await connection.execute(select(one))).all())
            assert secret not in rows
            assert secret[:16] not in rows
            holding += [one.name for _ in re.findall(digest, rows)]
        assert holding == ["keys"]
        assert (await connection.execute(select(table.c.id, table.c.digest))).all() == [(key_id, digest)]


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a\nb", "a\0b", "\ud800", "a\x1b[2Jb"])
async def test_a_name_that_would_not_read_well_in_a_line_is_refused(store: Database, name: str) -> None:
    with pytest.raises(keys.KeyRefused, match="1 to 100 printable"):
        await keys.create(store, name, "read")
    assert await keys.listed(store) == []


async def test_what_differs_from_a_key_in_anything_is_no_key(store: Database) -> None:
    key = await keys.create(store, "a", "admin")
    key_id, secret = parts(key)
    other_id, other_secret = parts(await keys.create(store, "b", "admin"))
    strangers = [
        f"dg_{key_id}_{other_secret}",
        f"dg_{other_id}_{secret}",
        f"dg_{'0' * 12}_{secret}",
        f"dg_{key_id}_{secret[:-1]}",
        f"dg_{key_id}_{secret}0",
        f"dg_{key_id}_",
        f"dg__{secret}",
        f"dg_{key_id}_{sha256(secret.encode()).hexdigest()}",
        f"{key_id}_{secret}",
        f"DG_{key_id}_{secret}",
        key.upper(),
        f" {key}",
        f"{key}\n",
        f"dg_{key_id}' OR '1'='1_{secret}",
        "",
        "dg__",
        "_" * 10_000,
    ]
    assert [stranger for stranger in strangers if await keys.find(store, stranger)] == []
    assert await keys.find(store, key)


async def test_a_revoked_key_is_found_no_more_and_is_listed_with_the_instant_of_its_end(
    store: Database,
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    key = await keys.create(store, "a", "write")
    await keys.revoke(store, parts(key)[0])
    assert await keys.find(store, key) is None
    (listed,) = await keys.listed(store)
    assert (listed.id, listed.name, listed.scope) == (parts(key)[0], "a", "write")
    assert listed.revoked_at
    assert before <= listed.created_at <= listed.revoked_at <= datetime.now(UTC) + timedelta(seconds=1)


async def test_to_revoke_a_key_again_keeps_the_instant_at_which_it_ended(store: Database) -> None:
    key_id, _ = parts(await keys.create(store, "a", "write"))
    await keys.revoke(store, key_id)
    (first,) = await keys.listed(store)
    await keys.revoke(store, key_id)
    assert await keys.listed(store) == [first]


async def test_a_rotated_key_gives_way_to_another_of_its_name_and_scope(store: Database) -> None:
    former = await keys.create(store, "desk", "admin")
    bystander = await keys.create(store, "other", "read")
    newer = await keys.rotate(store, parts(former)[0])
    assert await keys.find(store, former) is None
    assert await keys.find(store, newer) == Caller(parts(newer)[0], "desk", "admin")
    assert await keys.find(store, bystander)
    assert parts(newer)[0] != parts(former)[0]


async def test_a_key_that_is_not_there_cannot_be_rotated_or_revoked(store: Database) -> None:
    await keys.create(store, "a", "read")
    for change in (keys.rotate, keys.revoke):
        with pytest.raises(keys.KeyRefused, match="there is no key 'nobody'"):
            await change(store, "nobody")
    assert [key.revoked_at for key in await keys.listed(store)] == [None]


async def test_a_revoked_key_cannot_be_rotated_back_to_life(store: Database) -> None:
    key_id, _ = parts(await keys.create(store, "a", "read"))
    await keys.revoke(store, key_id)
    with pytest.raises(keys.KeyRefused, match="is revoked"):
        await keys.rotate(store, key_id)
    assert len(await keys.listed(store)) == 1


async def test_keys_are_listed_the_oldest_first_and_without_anything_secret(store: Database) -> None:
    made = [await keys.create(store, name, "read") for name in ("c", "a", "b")]
    listed = await keys.listed(store)
    assert [key.name for key in listed] == ["c", "a", "b"]
    for key in made:
        secret = parts(key)[1]
        assert secret not in repr(listed)
        assert sha256(secret.encode()).hexdigest() not in repr(listed)


async def test_the_store_refuses_a_scope_that_it_does_not_know(store: Database) -> None:
    with pytest.raises(Exception, match="scope_known"):
        await keys.create(store, "a", "root")  # type: ignore[arg-type]


async def test_neither_a_reply_nor_a_log_repeats_a_secret(
    store: Database, store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key_id, secret = parts(await keys.create(store, "a", "read"))
    wrong = "f" * 64
    said = []
    async with serving(store_url) as client:
        for sent in (secret, wrong):
            headers = {"Authorization": f"Bearer dg_{key_id}_{sent}"}
            for method, path in (("GET", "/v1/companies"), ("POST", "/v1/companies"), ("GET", "/nowhere")):
                reply = await client.request(method, path, headers=headers)
                said.append(reply.text + str(reply.headers))
        async with store.writing() as connection:
            await connection.execute(text("ALTER TABLE keys RENAME TO elsewhere"))
        reply = await client.get("/health", headers={"Authorization": f"Bearer dg_{key_id}_{secret}"})
        assert reply.status_code == 500
        said.append(reply.text + str(reply.headers))
    output = capsys.readouterr()
    told = "".join([*said, output.out, output.err])
    assert "request failed" in output.err
    for hidden in (secret, wrong, sha256(secret.encode()).hexdigest()):
        assert hidden not in told
