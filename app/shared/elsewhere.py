"""What other APIs call something that has another name here."""

from collections.abc import Collection
from typing import Final

_CALLED: Final = {
    ("page", "offset", "start", "skip"): ("cursor", "limit"),
    ("after", "starting_after", "page_token", "next_token", "continuation"): ("cursor",),
    ("per_page", "page_size", "pagesize", "size", "max_results", "top", "first"): ("limit",),
    ("order", "order_by", "orderby", "ordering", "sort_by", "sortby"): ("sort",),
    ("select", "columns", "include_fields"): ("fields",),
    ("include", "embed"): ("expand",),
    ("aggregate", "aggs", "facet"): ("facets",),
    ("search", "query", "keyword", "keywords"): ("q",),
    ("id", "uid", "key"): ("slug",),
    ("status", "state"): ("stage",),
    ("type", "category"): ("kind",),
    ("customer", "supplier", "party", "vendor", "partner"): ("company", "role"),
    ("amount", "worth"): ("value",),
    ("value",): ("amount",),
    ("created_at", "updated_at", "modified_at", "created", "updated"): ("recorded_at",),
}
_HERE: Final = {name: here for names, here in _CALLED.items() for name in names}


def names_here(word: str, choices: Collection[str]) -> list[str]:
    """The choices that are meant by a word which others use, the most important first; none where it is not one."""
    return [name for name in _HERE.get(word.casefold().replace("-", "_"), ()) if name in choices]
