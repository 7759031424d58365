"""Dealgraph: who depends on whom in AI infrastructure, through what, how much, since when, and how we know."""
