"""Filters of lists, made from the public schemas: what can be asked, how it is read, what it means in SQL."""

from app.ledger.filters.asked import MAX_VALUES, conditions, read_filters, read_values
from app.ledger.filters.made import Filter, filters_of

__all__ = ["MAX_VALUES", "Filter", "conditions", "filters_of", "read_filters", "read_values"]
