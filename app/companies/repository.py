"""How companies are kept."""

from app.companies.schemas import Company, ShownCompany
from app.ledger.resource import Resource
from app.models.companies import companies, company_aliases, company_identifiers
from app.models.sources import citations

COMPANIES = Resource(
    "companies",
    "a company",
    schema=Company,
    shown=ShownCompany,
    table=companies,
    parts={"citations": citations, "aliases": company_aliases, "identifiers": company_identifiers},
)
