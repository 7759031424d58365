"""Statements that are kept by what a client asks for."""

from importlib import import_module
from inspect import getmembers, signature
from pkgutil import iter_modules
from typing import Any

from app.graph import store


def kept_by_form() -> list[Any]:
    modules = [import_module(f"{store.__name__}.{one.name}") for one in iter_modules(store.__path__)]
    kept = {name: one for module in modules for name, one in getmembers(module, lambda one: hasattr(one, "cache_info"))}
    return [one for one in kept.values() if "form" in signature(one).parameters]


def test_what_clients_choose_fills_no_memory() -> None:
    """There are 6,000 forms of a question about dependencies, of which one takes up to 1 MB."""
    bounds = [one.cache_info().maxsize for one in kept_by_form()]
    assert len(bounds) > 5
    assert None not in bounds
