"""How investments are kept."""

from app.investments.schemas import Investment, ShownInvestment
from app.ledger.resource import Resource
from app.models.investments import investment_investors, investments
from app.models.sources import citations

INVESTMENTS = Resource(
    "investments",
    "an investment",
    schema=Investment,
    shown=ShownInvestment,
    table=investments,
    parts={"citations": citations, "investors": investment_investors},
)
