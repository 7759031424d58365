"""Settings: database URLs as they are found in the wild, and what is said of one that cannot work."""

import pytest
from pydantic import ValidationError

from app.shared.settings import Settings, with_async_driver


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///deals.db", "sqlite+aiosqlite:///deals.db"),
        ("sqlite:////data/deals.db", "sqlite+aiosqlite:////data/deals.db"),
        ("sqlite+aiosqlite:///deals.db", "sqlite+aiosqlite:///deals.db"),
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql://u:p@h:5433/d", "postgresql+asyncpg://u:p@h:5433/d"),
        ("postgresql+psycopg://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql+psycopg2://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql://u:p%40ss%2Fw%3Ard@h/d", "postgresql+asyncpg://u:p%40ss%2Fw%3Ard@h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("postgresql:///d?host=/run/postgresql", "postgresql+asyncpg:///d?host=%2Frun%2Fpostgresql"),
    ],
)
def test_a_url_names_the_driver_that_we_have(given: str, used: str) -> None:
    assert with_async_driver(given) == used
    assert with_async_driver(used) == used


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "not a database URL"),
        ("deals.db", "not a database URL"),
        ("postgresql://h:port/d", "not a database URL"),
        ("mysql://h/d", "no support for 'mysql'"),
        ("sqlite+pysqlcipher:///x", r"no support for 'sqlite\+pysqlcipher'"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("postgresql://h/d?channel_binding=require", "a parameter 'channel_binding' that we cannot use"),
    ],
)
def test_a_url_that_cannot_work_is_refused(given: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        with_async_driver(given)


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(ValueError, match="no support") as refused:
        with_async_driver("mysql://u:s3cret@h/d")
    assert "s3cret" not in str(refused.value)


def test_reads_go_to_the_replica_where_there_is_one() -> None:
    alone = Settings(database_url="postgresql://primary/d", read_database_url=None)
    assert alone.reads_from == "postgresql+asyncpg://primary/d"
    both = Settings(database_url="postgresql://primary/d", read_database_url="postgresql://replica/d")
    assert both.reads_from == "postgresql+asyncpg://replica/d"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALGRAPH_DATABASE_URL", "postgresql://h/d")
    monkeypatch.setenv("DEALGRAPH_POOL_SIZE", "3")
    settings = Settings()
    assert (settings.database_url, settings.pool_size) == ("postgresql+asyncpg://h/d", 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [("pool_size", 0), ("pool_size", 201), ("statement_timeout_ms", 49), ("max_nodes", 0), ("log_format", "xml")],
)
def test_a_setting_out_of_its_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({name: value})
