"""How contracts are kept."""

from app.contracts.schemas import Contract, ShownContract
from app.ledger.resource import Resource
from app.models.contracts import contract_capacities, contract_parties, contract_products, contract_used_in, contracts
from app.models.sources import citations

CONTRACTS = Resource(
    "contracts",
    "a contract",
    schema=Contract,
    shown=ShownContract,
    table=contracts,
    parts={
        "citations": citations,
        "parties": contract_parties,
        "capacities": contract_capacities,
        "products": contract_products,
        "used_in": contract_used_in,
    },
)
