"""The seven resources, their history and their edges.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for a column that is declared INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Text in the order of its code points, whatever locale the server has.
WORDS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "records",
        sa.Column("id", ID, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "type IN ('sources', 'companies', 'contracts', 'investments', 'fleets', 'metrics', 'events')",
            name=op.f("ck_records_type_known"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_records_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("type", "slug", name=op.f("uq_records_type_slug")),
    )
    op.create_table(
        "revisions",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_revisions")),
    )
    op.create_index(op.f("ix_revisions_recorded_at"), "revisions", ["recorded_at"], unique=False)
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_store_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
    )
    op.create_table(
        "companies",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("website", WORDS, nullable=True),
        sa.Column("country", WORDS, nullable=True),
        sa.Column("description", WORDS, nullable=True),
        sa.CheckConstraint(
            "kind IN ('ai_lab', 'cloud_provider', 'chip_vendor', 'software', 'investor', 'joint_venture', 'energy', 'media', 'government', 'other')",
            name=op.f("ck_companies_kind_known"),
        ),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name=op.f("fk_companies_id")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["companies.id"], name=op.f("fk_companies_parent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("slug", name=op.f("uq_companies_slug")),
    )
    op.create_index("ix_companies_country", "companies", ["country", "slug"], unique=False)
    op.create_index("ix_companies_kind", "companies", ["kind", "slug"], unique=False)
    op.create_index("ix_companies_name", "companies", ["name", "slug"], unique=False)
    op.create_index(op.f("ix_companies_parent_id"), "companies", ["parent_id"], unique=False)
    op.create_index("ix_companies_website", "companies", ["website", "slug"], unique=False)
    op.create_table(
        "contracts",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("value_qualifier", WORDS, nullable=True),
        sa.Column("value_amount", sa.BigInteger(), nullable=True),
        sa.Column("value_low", sa.BigInteger(), nullable=True),
        sa.Column("value_high", sa.BigInteger(), nullable=True),
        sa.Column("value_unit", WORDS, nullable=True),
        sa.Column("value_approximate", sa.Boolean(), nullable=True),
        sa.Column("announced_on", WORDS, nullable=True),
        sa.Column("announced_on_earliest", sa.Date(), nullable=True),
        sa.Column("announced_on_latest", sa.Date(), nullable=True),
        sa.Column("signed_on", WORDS, nullable=True),
        sa.Column("signed_on_earliest", sa.Date(), nullable=True),
        sa.Column("signed_on_latest", sa.Date(), nullable=True),
        sa.Column("starts_on", WORDS, nullable=True),
        sa.Column("starts_on_earliest", sa.Date(), nullable=True),
        sa.Column("starts_on_latest", sa.Date(), nullable=True),
        sa.Column("ends_on", WORDS, nullable=True),
        sa.Column("ends_on_earliest", sa.Date(), nullable=True),
        sa.Column("ends_on_latest", sa.Date(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("exclusive", sa.Boolean(), nullable=True),
        sa.Column("exclusive_until", WORDS, nullable=True),
        sa.Column("exclusive_until_earliest", sa.Date(), nullable=True),
        sa.Column("exclusive_until_latest", sa.Date(), nullable=True),
        sa.Column("stage", WORDS, nullable=False),
        sa.Column("conditions", WORDS, nullable=True),
        sa.Column("amends_id", ID, nullable=True),
        sa.Column("description", WORDS, nullable=True),
        sa.CheckConstraint(
            "kind IN ('compute', 'hardware', 'technology', 'energy', 'colocation', 'partnership', 'other')",
            name=op.f("ck_contracts_kind_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('rumoured', 'intended', 'announced', 'signed', 'active', 'completed', 'lapsed', 'terminated', 'superseded')",
            name=op.f("ck_contracts_stage_known"),
        ),
        sa.CheckConstraint(
            "value_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_contracts_value_qualifier_known"),
        ),
        sa.CheckConstraint(
            "announced_on_earliest <= announced_on_latest", name=op.f("ck_contracts_announced_on_bounds")
        ),
        sa.CheckConstraint("ends_on_earliest <= ends_on_latest", name=op.f("ck_contracts_ends_on_bounds")),
        sa.CheckConstraint(
            "exclusive_until_earliest <= exclusive_until_latest", name=op.f("ck_contracts_exclusive_until_bounds")
        ),
        sa.CheckConstraint("signed_on_earliest <= signed_on_latest", name=op.f("ck_contracts_signed_on_bounds")),
        sa.CheckConstraint("starts_on_earliest <= starts_on_latest", name=op.f("ck_contracts_starts_on_bounds")),
        sa.CheckConstraint("term_months > 0", name=op.f("ck_contracts_term_positive")),
        sa.CheckConstraint("value_low <= value_high", name=op.f("ck_contracts_value_bounds")),
        sa.ForeignKeyConstraint(
            ["amends_id"], ["contracts.id"], name=op.f("fk_contracts_amends_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name=op.f("fk_contracts_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("slug", name=op.f("uq_contracts_slug")),
    )
    op.create_index(op.f("ix_contracts_amends_id"), "contracts", ["amends_id"], unique=False)
    op.create_index("ix_contracts_announced_on_earliest", "contracts", ["announced_on_earliest", "slug"], unique=False)
    op.create_index("ix_contracts_announced_on_latest", "contracts", ["announced_on_latest", "slug"], unique=False)
    op.create_index("ix_contracts_ends_on_earliest", "contracts", ["ends_on_earliest", "slug"], unique=False)
    op.create_index("ix_contracts_exclusive", "contracts", ["exclusive", "slug"], unique=False)
    op.create_index(
        "ix_contracts_exclusive_until_earliest", "contracts", ["exclusive_until_earliest", "slug"], unique=False
    )
    op.create_index("ix_contracts_kind", "contracts", ["kind", "slug"], unique=False)
    op.create_index("ix_contracts_signed_on_earliest", "contracts", ["signed_on_earliest", "slug"], unique=False)
    op.create_index("ix_contracts_stage", "contracts", ["stage", "slug"], unique=False)
    op.create_index("ix_contracts_starts_on_earliest", "contracts", ["starts_on_earliest", "slug"], unique=False)
    op.create_index("ix_contracts_term_months", "contracts", ["term_months", "slug"], unique=False)
    op.create_index("ix_contracts_title", "contracts", ["title", "slug"], unique=False)
    op.create_index("ix_contracts_value_high", "contracts", ["value_high", "slug"], unique=False)
    op.create_index("ix_contracts_value_low", "contracts", ["value_low", "slug"], unique=False)
    op.create_table(
        "edges",
        sa.Column("id", ID, nullable=False),
        sa.Column("dependent_id", ID, nullable=False),
        sa.Column("on_id", ID, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("record_type", WORDS, nullable=False),
        sa.Column("record_slug", WORDS, nullable=False),
        sa.Column("start_earliest", sa.Date(), nullable=False),
        sa.Column("start_latest", sa.Date(), nullable=False),
        sa.Column("end_earliest", sa.Date(), nullable=False),
        sa.Column("end_latest", sa.Date(), nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("to_revision", sa.BigInteger(), nullable=False),
        sa.Column("stage", WORDS, nullable=True),
        sa.Column("evidence", WORDS, nullable=True),
        sa.Column("evidenced_from", sa.Date(), nullable=True),
        sa.Column("evidenced_to", sa.Date(), nullable=True),
        sa.Column("flow", WORDS, nullable=True),
        sa.Column("summary", WORDS, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint("flow IN ('along', 'against')", name=op.f("ck_edges_flow_known")),
        sa.CheckConstraint(
            "kind IN ('compute', 'hardware', 'technology', 'energy', 'colocation', 'other', 'revenue', 'partnership', 'capital', 'ownership')",
            name=op.f("ck_edges_kind_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('rumoured', 'intended', 'announced', 'signed', 'active', 'completed', 'lapsed', 'terminated', 'superseded')",
            name=op.f("ck_edges_stage_known"),
        ),
        sa.CheckConstraint("dependent_id <> on_id", name=op.f("ck_edges_no_self_dependency")),
        sa.CheckConstraint("end_earliest <= end_latest", name=op.f("ck_edges_end_bounds")),
        sa.CheckConstraint("from_revision < to_revision", name=op.f("ck_edges_recorded_range")),
        sa.CheckConstraint("start_earliest <= start_latest", name=op.f("ck_edges_start_bounds")),
        sa.ForeignKeyConstraint(["dependent_id"], ["records.id"], name=op.f("fk_edges_dependent_id")),
        sa.ForeignKeyConstraint(["from_revision"], ["revisions.revision"], name=op.f("fk_edges_from_revision")),
        sa.ForeignKeyConstraint(["on_id"], ["records.id"], name=op.f("fk_edges_on_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_edges_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edges")),
    )
    op.create_index("ix_edges_dependent_id", "edges", ["dependent_id", "on_id"], unique=False)
    op.create_index("ix_edges_from_revision", "edges", ["from_revision"], unique=False)
    op.create_index("ix_edges_on_id", "edges", ["on_id", "dependent_id"], unique=False)
    op.create_index("ix_edges_record_id", "edges", ["record_id"], unique=False)
    op.create_index(
        "uq_edges_open",
        "edges",
        ["record_id", "dependent_id", "on_id", "kind"],
        unique=True,
        postgresql_where=sa.text("to_revision = 9223372036854775807"),
        sqlite_where=sa.text("to_revision = 9223372036854775807"),
    )
    op.create_table(
        "events",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("date", WORDS, nullable=True),
        sa.Column("date_earliest", sa.Date(), nullable=True),
        sa.Column("date_latest", sa.Date(), nullable=True),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("summary", WORDS, nullable=True),
        sa.CheckConstraint(
            "kind IN ('announcement', 'hire', 'statement', 'product', 'listing', 'ownership', 'other')",
            name=op.f("ck_events_kind_known"),
        ),
        sa.CheckConstraint("date_earliest <= date_latest", name=op.f("ck_events_date_bounds")),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name=op.f("fk_events_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("slug", name=op.f("uq_events_slug")),
    )
    op.create_index("ix_events_date_earliest", "events", ["date_earliest", "slug"], unique=False)
    op.create_index("ix_events_date_latest", "events", ["date_latest", "slug"], unique=False)
    op.create_index("ix_events_kind", "events", ["kind", "slug"], unique=False)
    op.create_index("ix_events_title", "events", ["title", "slug"], unique=False)
    op.create_table(
        "sources",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("publisher", WORDS, nullable=True),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=True),
        sa.Column("published_on", WORDS, nullable=True),
        sa.Column("published_on_earliest", sa.Date(), nullable=True),
        sa.Column("published_on_latest", sa.Date(), nullable=True),
        sa.Column("accessed_on", WORDS, nullable=True),
        sa.Column("accessed_on_earliest", sa.Date(), nullable=True),
        sa.Column("accessed_on_latest", sa.Date(), nullable=True),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("author", WORDS, nullable=True),
        sa.Column("sha256", WORDS, nullable=True),
        sa.CheckConstraint(
            "kind IN ('news', 'filing', 'press_release', 'dataset', 'other')", name=op.f("ck_sources_kind_known")
        ),
        sa.CheckConstraint("accessed_on_earliest <= accessed_on_latest", name=op.f("ck_sources_accessed_on_bounds")),
        sa.CheckConstraint("published_on_earliest <= published_on_latest", name=op.f("ck_sources_published_on_bounds")),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name=op.f("fk_sources_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("slug", name=op.f("uq_sources_slug")),
    )
    op.create_index("ix_sources_accessed_on_earliest", "sources", ["accessed_on_earliest", "slug"], unique=False)
    op.create_index("ix_sources_author", "sources", ["author", "slug"], unique=False)
    op.create_index("ix_sources_kind", "sources", ["kind", "slug"], unique=False)
    op.create_index("ix_sources_language", "sources", ["language", "slug"], unique=False)
    op.create_index("ix_sources_published_on_earliest", "sources", ["published_on_earliest", "slug"], unique=False)
    op.create_index("ix_sources_publisher", "sources", ["publisher", "slug"], unique=False)
    op.create_index("ix_sources_sha256", "sources", ["sha256", "slug"], unique=False)
    op.create_index("ix_sources_title", "sources", ["title", "slug"], unique=False)
    op.create_table(
        "versions",
        sa.Column("record_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_revision", sa.BigInteger(), nullable=False),
        sa.Column("to_revision", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint("from_revision < to_revision", name=op.f("ck_versions_recorded_range")),
        sa.ForeignKeyConstraint(["from_revision"], ["revisions.revision"], name=op.f("fk_versions_from_revision")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_versions_record_id")),
        sa.PrimaryKeyConstraint("record_id", "version", name=op.f("pk_versions")),
    )
    op.create_index(op.f("ix_versions_from_revision"), "versions", ["from_revision"], unique=False)
    op.create_index(
        "uq_versions_open",
        "versions",
        ["record_id"],
        unique=True,
        postgresql_where=sa.text("to_revision = 9223372036854775807"),
        sqlite_where=sa.text("to_revision = 9223372036854775807"),
    )
    op.create_table(
        "citations",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("locator", WORDS, nullable=True),
        sa.Column("claim", WORDS, nullable=False),
        sa.Column("excerpt", WORDS, nullable=True),
        sa.Column("evidence", WORDS, nullable=False),
        sa.Column("confidence", WORDS, nullable=False),
        sa.Column("attributed_to_id", ID, nullable=True),
        sa.CheckConstraint("confidence IN ('high', 'medium', 'low')", name=op.f("ck_citations_confidence_known")),
        sa.CheckConstraint(
            "evidence IN ('confirmed', 'reported', 'estimated', 'rumoured', 'derived')",
            name=op.f("ck_citations_evidence_known"),
        ),
        sa.ForeignKeyConstraint(
            ["attributed_to_id"],
            ["sources.id"],
            name=op.f("fk_citations_attributed_to_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["records.id"], name=op.f("fk_citations_owner_id")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_citations_source_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_citations")),
    )
    op.create_index(op.f("ix_citations_attributed_to_id"), "citations", ["attributed_to_id"], unique=False)
    op.create_index("ix_citations_confidence", "citations", ["confidence", "owner_id"], unique=False)
    op.create_index("ix_citations_evidence", "citations", ["evidence", "owner_id"], unique=False)
    op.create_index(op.f("ix_citations_source_id"), "citations", ["source_id"], unique=False)
    op.create_table(
        "company_aliases",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["companies.id"], name=op.f("fk_company_aliases_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_company_aliases")),
    )
    op.create_index(op.f("ix_company_aliases_key"), "company_aliases", ["key"], unique=False)
    op.create_index(op.f("ix_company_aliases_value"), "company_aliases", ["value"], unique=False)
    op.create_table(
        "company_identifiers",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("scheme", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.CheckConstraint(
            "scheme IN ('lei', 'cik', 'ticker', 'isin', 'wikidata')", name=op.f("ck_company_identifiers_scheme_known")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["companies.id"], name=op.f("fk_company_identifiers_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_company_identifiers")),
        sa.UniqueConstraint("scheme", "value", name=op.f("uq_company_identifiers_scheme_value")),
    )
    op.create_table(
        "contract_capacities",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("value_qualifier", WORDS, nullable=True),
        sa.Column("value_amount", sa.BigInteger(), nullable=True),
        sa.Column("value_low", sa.BigInteger(), nullable=True),
        sa.Column("value_high", sa.BigInteger(), nullable=True),
        sa.Column("value_unit", WORDS, nullable=True),
        sa.Column("value_approximate", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "value_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_contract_capacities_value_qualifier_known"),
        ),
        sa.CheckConstraint("value_low <= value_high", name=op.f("ck_contract_capacities_value_bounds")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["contracts.id"], name=op.f("fk_contract_capacities_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_contract_capacities")),
    )
    op.create_table(
        "contract_parties",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.CheckConstraint(
            "role IN ('supplier', 'customer', 'venture', 'member', 'guarantor')",
            name=op.f("ck_contract_parties_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_contract_parties_company_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["contracts.id"], name=op.f("fk_contract_parties_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_contract_parties")),
    )
    op.create_index(op.f("ix_contract_parties_company_id"), "contract_parties", ["company_id"], unique=False)
    op.create_index(op.f("ix_contract_parties_role"), "contract_parties", ["role"], unique=False)
    op.create_table(
        "contract_products",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["contracts.id"], name=op.f("fk_contract_products_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_contract_products")),
    )
    op.create_index(op.f("ix_contract_products_value"), "contract_products", ["value"], unique=False)
    op.create_table(
        "contract_used_in",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["contracts.id"], name=op.f("fk_contract_used_in_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_contract_used_in")),
    )
    op.create_index(op.f("ix_contract_used_in_value"), "contract_used_in", ["value"], unique=False)
    op.create_table(
        "event_companies",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_event_companies_company_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["events.id"], name=op.f("fk_event_companies_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_event_companies")),
    )
    op.create_index(op.f("ix_event_companies_company_id"), "event_companies", ["company_id"], unique=False)
    op.create_index(op.f("ix_event_companies_role"), "event_companies", ["role"], unique=False)
    op.create_table(
        "fleets",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("operator_id", ID, nullable=False),
        sa.Column("as_of", WORDS, nullable=True),
        sa.Column("as_of_earliest", sa.Date(), nullable=True),
        sa.Column("as_of_latest", sa.Date(), nullable=True),
        sa.Column("sites_qualifier", WORDS, nullable=True),
        sa.Column("sites_amount", sa.BigInteger(), nullable=True),
        sa.Column("sites_low", sa.BigInteger(), nullable=True),
        sa.Column("sites_high", sa.BigInteger(), nullable=True),
        sa.Column("sites_unit", WORDS, nullable=True),
        sa.Column("sites_approximate", sa.Boolean(), nullable=True),
        sa.Column("accelerators_qualifier", WORDS, nullable=True),
        sa.Column("accelerators_amount", sa.BigInteger(), nullable=True),
        sa.Column("accelerators_low", sa.BigInteger(), nullable=True),
        sa.Column("accelerators_high", sa.BigInteger(), nullable=True),
        sa.Column("accelerators_unit", WORDS, nullable=True),
        sa.Column("accelerators_approximate", sa.Boolean(), nullable=True),
        sa.Column("power_qualifier", WORDS, nullable=True),
        sa.Column("power_amount", sa.BigInteger(), nullable=True),
        sa.Column("power_low", sa.BigInteger(), nullable=True),
        sa.Column("power_high", sa.BigInteger(), nullable=True),
        sa.Column("power_unit", WORDS, nullable=True),
        sa.Column("power_approximate", sa.Boolean(), nullable=True),
        sa.Column("country", WORDS, nullable=True),
        sa.Column("latitude", sa.BigInteger(), nullable=True),
        sa.Column("longitude", sa.BigInteger(), nullable=True),
        sa.Column("stage", WORDS, nullable=False),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.CheckConstraint(
            "accelerators_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_fleets_accelerators_qualifier_known"),
        ),
        sa.CheckConstraint(
            "power_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_fleets_power_qualifier_known"),
        ),
        sa.CheckConstraint(
            "sites_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_fleets_sites_qualifier_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('rumoured', 'intended', 'announced', 'signed', 'active', 'completed', 'lapsed', 'terminated', 'superseded')",
            name=op.f("ck_fleets_stage_known"),
        ),
        sa.CheckConstraint("accelerators_low <= accelerators_high", name=op.f("ck_fleets_accelerators_bounds")),
        sa.CheckConstraint("as_of_earliest <= as_of_latest", name=op.f("ck_fleets_as_of_bounds")),
        sa.CheckConstraint("latitude BETWEEN -90000000 AND 90000000", name=op.f("ck_fleets_latitude_range")),
        sa.CheckConstraint("longitude BETWEEN -180000000 AND 180000000", name=op.f("ck_fleets_longitude_range")),
        sa.CheckConstraint("power_low <= power_high", name=op.f("ck_fleets_power_bounds")),
        sa.CheckConstraint("sites_low <= sites_high", name=op.f("ck_fleets_sites_bounds")),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name=op.f("fk_fleets_id")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["companies.id"], name=op.f("fk_fleets_operator_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["fleets.id"],
            name=op.f("fk_fleets_supersedes_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleets")),
        sa.UniqueConstraint("slug", name=op.f("uq_fleets_slug")),
    )
    op.create_index("ix_fleets_accelerators_high", "fleets", ["accelerators_high", "slug"], unique=False)
    op.create_index("ix_fleets_accelerators_low", "fleets", ["accelerators_low", "slug"], unique=False)
    op.create_index("ix_fleets_as_of_earliest", "fleets", ["as_of_earliest", "slug"], unique=False)
    op.create_index("ix_fleets_as_of_latest", "fleets", ["as_of_latest", "slug"], unique=False)
    op.create_index("ix_fleets_country", "fleets", ["country", "slug"], unique=False)
    op.create_index(op.f("ix_fleets_operator_id"), "fleets", ["operator_id"], unique=False)
    op.create_index("ix_fleets_power_high", "fleets", ["power_high", "slug"], unique=False)
    op.create_index("ix_fleets_power_low", "fleets", ["power_low", "slug"], unique=False)
    op.create_index("ix_fleets_sites_high", "fleets", ["sites_high", "slug"], unique=False)
    op.create_index("ix_fleets_sites_low", "fleets", ["sites_low", "slug"], unique=False)
    op.create_index("ix_fleets_stage", "fleets", ["stage", "slug"], unique=False)
    op.create_index(op.f("ix_fleets_supersedes_id"), "fleets", ["supersedes_id"], unique=False)
    op.create_table(
        "investments",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("investee_id", ID, nullable=False),
        sa.Column("instrument", WORDS, nullable=False),
        sa.Column("amount_qualifier", WORDS, nullable=True),
        sa.Column("amount_amount", sa.BigInteger(), nullable=True),
        sa.Column("amount_low", sa.BigInteger(), nullable=True),
        sa.Column("amount_high", sa.BigInteger(), nullable=True),
        sa.Column("amount_unit", WORDS, nullable=True),
        sa.Column("amount_approximate", sa.Boolean(), nullable=True),
        sa.Column("stake_qualifier", WORDS, nullable=True),
        sa.Column("stake_amount", sa.BigInteger(), nullable=True),
        sa.Column("stake_low", sa.BigInteger(), nullable=True),
        sa.Column("stake_high", sa.BigInteger(), nullable=True),
        sa.Column("stake_unit", WORDS, nullable=True),
        sa.Column("stake_approximate", sa.Boolean(), nullable=True),
        sa.Column("announced_on", WORDS, nullable=True),
        sa.Column("announced_on_earliest", sa.Date(), nullable=True),
        sa.Column("announced_on_latest", sa.Date(), nullable=True),
        sa.Column("closed_on", WORDS, nullable=True),
        sa.Column("closed_on_earliest", sa.Date(), nullable=True),
        sa.Column("closed_on_latest", sa.Date(), nullable=True),
        sa.Column("stage", WORDS, nullable=False),
        sa.Column("conditions", WORDS, nullable=True),
        sa.Column("contract_id", ID, nullable=True),
        sa.CheckConstraint(
            "amount_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_investments_amount_qualifier_known"),
        ),
        sa.CheckConstraint(
            "instrument IN ('cash', 'equity', 'shares_in_kind', 'debt', 'convertible', 'warrants', 'acquisition', 'undisclosed')",
            name=op.f("ck_investments_instrument_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('rumoured', 'intended', 'announced', 'signed', 'active', 'completed', 'lapsed', 'terminated', 'superseded')",
            name=op.f("ck_investments_stage_known"),
        ),
        sa.CheckConstraint(
            "stake_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_investments_stake_qualifier_known"),
        ),
        sa.CheckConstraint("amount_low <= amount_high", name=op.f("ck_investments_amount_bounds")),
        sa.CheckConstraint(
            "announced_on_earliest <= announced_on_latest", name=op.f("ck_investments_announced_on_bounds")
        ),
        sa.CheckConstraint("closed_on_earliest <= closed_on_latest", name=op.f("ck_investments_closed_on_bounds")),
        sa.CheckConstraint("stake_low <= stake_high", name=op.f("ck_investments_stake_bounds")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contracts.id"],
            name=op.f("fk_investments_contract_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name=op.f("fk_investments_id")),
        sa.ForeignKeyConstraint(
            ["investee_id"],
            ["companies.id"],
            name=op.f("fk_investments_investee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investments")),
        sa.UniqueConstraint("slug", name=op.f("uq_investments_slug")),
    )
    op.create_index("ix_investments_amount_high", "investments", ["amount_high", "slug"], unique=False)
    op.create_index("ix_investments_amount_low", "investments", ["amount_low", "slug"], unique=False)
    op.create_index(
        "ix_investments_announced_on_earliest", "investments", ["announced_on_earliest", "slug"], unique=False
    )
    op.create_index("ix_investments_announced_on_latest", "investments", ["announced_on_latest", "slug"], unique=False)
    op.create_index("ix_investments_closed_on_earliest", "investments", ["closed_on_earliest", "slug"], unique=False)
    op.create_index(op.f("ix_investments_contract_id"), "investments", ["contract_id"], unique=False)
    op.create_index("ix_investments_instrument", "investments", ["instrument", "slug"], unique=False)
    op.create_index(op.f("ix_investments_investee_id"), "investments", ["investee_id"], unique=False)
    op.create_index("ix_investments_stage", "investments", ["stage", "slug"], unique=False)
    op.create_index("ix_investments_stake_low", "investments", ["stake_low", "slug"], unique=False)
    op.create_index("ix_investments_title", "investments", ["title", "slug"], unique=False)
    op.create_table(
        "metrics",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.Column("counterparty_id", ID, nullable=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("period", WORDS, nullable=True),
        sa.Column("period_earliest", sa.Date(), nullable=True),
        sa.Column("period_latest", sa.Date(), nullable=True),
        sa.Column("value_qualifier", WORDS, nullable=True),
        sa.Column("value_amount", sa.BigInteger(), nullable=True),
        sa.Column("value_low", sa.BigInteger(), nullable=True),
        sa.Column("value_high", sa.BigInteger(), nullable=True),
        sa.Column("value_unit", WORDS, nullable=True),
        sa.Column("value_approximate", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "name IN ('revenue', 'revenue_share', 'compute_share', 'capex', 'valuation', 'headcount', 'other')",
            name=op.f("ck_metrics_name_known"),
        ),
        sa.CheckConstraint(
            "value_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_metrics_value_qualifier_known"),
        ),
        sa.CheckConstraint("period_earliest <= period_latest", name=op.f("ck_metrics_period_bounds")),
        sa.CheckConstraint("value_low <= value_high", name=op.f("ck_metrics_value_bounds")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_metrics_company_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["counterparty_id"],
            ["companies.id"],
            name=op.f("fk_metrics_counterparty_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name=op.f("fk_metrics_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metrics")),
        sa.UniqueConstraint("slug", name=op.f("uq_metrics_slug")),
    )
    op.create_index(op.f("ix_metrics_company_id"), "metrics", ["company_id"], unique=False)
    op.create_index(op.f("ix_metrics_counterparty_id"), "metrics", ["counterparty_id"], unique=False)
    op.create_index("ix_metrics_name", "metrics", ["name", "slug"], unique=False)
    op.create_index("ix_metrics_period_earliest", "metrics", ["period_earliest", "slug"], unique=False)
    op.create_index("ix_metrics_period_latest", "metrics", ["period_latest", "slug"], unique=False)
    op.create_index("ix_metrics_value_high", "metrics", ["value_high", "slug"], unique=False)
    op.create_index("ix_metrics_value_low", "metrics", ["value_low", "slug"], unique=False)
    op.create_table(
        "source_reports_on",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["sources.id"], name=op.f("fk_source_reports_on_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
            name=op.f("fk_source_reports_on_source_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_source_reports_on")),
    )
    op.create_index(op.f("ix_source_reports_on_source_id"), "source_reports_on", ["source_id"], unique=False)
    op.create_table(
        "fleet_hardware",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("vendor_id", ID, nullable=False),
        sa.Column("product", WORDS, nullable=True),
        sa.Column("quantity_qualifier", WORDS, nullable=True),
        sa.Column("quantity_amount", sa.BigInteger(), nullable=True),
        sa.Column("quantity_low", sa.BigInteger(), nullable=True),
        sa.Column("quantity_high", sa.BigInteger(), nullable=True),
        sa.Column("quantity_unit", WORDS, nullable=True),
        sa.Column("quantity_approximate", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "quantity_qualifier IN ('exact', 'approximately', 'at_least', 'more_than', 'up_to', 'less_than', 'range', 'undisclosed')",
            name=op.f("ck_fleet_hardware_quantity_qualifier_known"),
        ),
        sa.CheckConstraint("quantity_low <= quantity_high", name=op.f("ck_fleet_hardware_quantity_bounds")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["fleets.id"], name=op.f("fk_fleet_hardware_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["companies.id"],
            name=op.f("fk_fleet_hardware_vendor_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_fleet_hardware")),
    )
    op.create_index(op.f("ix_fleet_hardware_product"), "fleet_hardware", ["product"], unique=False)
    op.create_index(op.f("ix_fleet_hardware_vendor_id"), "fleet_hardware", ["vendor_id"], unique=False)
    op.create_table(
        "fleet_users",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_fleet_users_company_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["fleets.id"], name=op.f("fk_fleet_users_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_fleet_users")),
    )
    op.create_index(op.f("ix_fleet_users_company_id"), "fleet_users", ["company_id"], unique=False)
    op.create_table(
        "investment_investors",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_investment_investors_company_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["investments.id"], name=op.f("fk_investment_investors_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "position", name=op.f("pk_investment_investors")),
    )
    op.create_index(op.f("ix_investment_investors_company_id"), "investment_investors", ["company_id"], unique=False)
    op.execute("INSERT INTO store (id, revision) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_index(op.f("ix_investment_investors_company_id"), table_name="investment_investors")
    op.drop_table("investment_investors")
    op.drop_index(op.f("ix_fleet_users_company_id"), table_name="fleet_users")
    op.drop_table("fleet_users")
    op.drop_index(op.f("ix_fleet_hardware_vendor_id"), table_name="fleet_hardware")
    op.drop_index(op.f("ix_fleet_hardware_product"), table_name="fleet_hardware")
    op.drop_table("fleet_hardware")
    op.drop_index(op.f("ix_source_reports_on_source_id"), table_name="source_reports_on")
    op.drop_table("source_reports_on")
    op.drop_index("ix_metrics_value_low", table_name="metrics")
    op.drop_index("ix_metrics_value_high", table_name="metrics")
    op.drop_index("ix_metrics_period_latest", table_name="metrics")
    op.drop_index("ix_metrics_period_earliest", table_name="metrics")
    op.drop_index("ix_metrics_name", table_name="metrics")
    op.drop_index(op.f("ix_metrics_counterparty_id"), table_name="metrics")
    op.drop_index(op.f("ix_metrics_company_id"), table_name="metrics")
    op.drop_table("metrics")
    op.drop_index("ix_investments_title", table_name="investments")
    op.drop_index("ix_investments_stake_low", table_name="investments")
    op.drop_index("ix_investments_stage", table_name="investments")
    op.drop_index(op.f("ix_investments_investee_id"), table_name="investments")
    op.drop_index("ix_investments_instrument", table_name="investments")
    op.drop_index(op.f("ix_investments_contract_id"), table_name="investments")
    op.drop_index("ix_investments_closed_on_earliest", table_name="investments")
    op.drop_index("ix_investments_announced_on_latest", table_name="investments")
    op.drop_index("ix_investments_announced_on_earliest", table_name="investments")
    op.drop_index("ix_investments_amount_low", table_name="investments")
    op.drop_index("ix_investments_amount_high", table_name="investments")
    op.drop_table("investments")
    op.drop_index(op.f("ix_fleets_supersedes_id"), table_name="fleets")
    op.drop_index("ix_fleets_stage", table_name="fleets")
    op.drop_index("ix_fleets_sites_low", table_name="fleets")
    op.drop_index("ix_fleets_sites_high", table_name="fleets")
    op.drop_index("ix_fleets_power_low", table_name="fleets")
    op.drop_index("ix_fleets_power_high", table_name="fleets")
    op.drop_index(op.f("ix_fleets_operator_id"), table_name="fleets")
    op.drop_index("ix_fleets_country", table_name="fleets")
    op.drop_index("ix_fleets_as_of_latest", table_name="fleets")
    op.drop_index("ix_fleets_as_of_earliest", table_name="fleets")
    op.drop_index("ix_fleets_accelerators_low", table_name="fleets")
    op.drop_index("ix_fleets_accelerators_high", table_name="fleets")
    op.drop_table("fleets")
    op.drop_index(op.f("ix_event_companies_role"), table_name="event_companies")
    op.drop_index(op.f("ix_event_companies_company_id"), table_name="event_companies")
    op.drop_table("event_companies")
    op.drop_index(op.f("ix_contract_used_in_value"), table_name="contract_used_in")
    op.drop_table("contract_used_in")
    op.drop_index(op.f("ix_contract_products_value"), table_name="contract_products")
    op.drop_table("contract_products")
    op.drop_index(op.f("ix_contract_parties_role"), table_name="contract_parties")
    op.drop_index(op.f("ix_contract_parties_company_id"), table_name="contract_parties")
    op.drop_table("contract_parties")
    op.drop_table("contract_capacities")
    op.drop_table("company_identifiers")
    op.drop_index(op.f("ix_company_aliases_value"), table_name="company_aliases")
    op.drop_index(op.f("ix_company_aliases_key"), table_name="company_aliases")
    op.drop_table("company_aliases")
    op.drop_index(op.f("ix_citations_source_id"), table_name="citations")
    op.drop_index("ix_citations_evidence", table_name="citations")
    op.drop_index("ix_citations_confidence", table_name="citations")
    op.drop_index(op.f("ix_citations_attributed_to_id"), table_name="citations")
    op.drop_table("citations")
    op.drop_index(
        "uq_versions_open",
        table_name="versions",
        postgresql_where=sa.text("to_revision = 9223372036854775807"),
        sqlite_where=sa.text("to_revision = 9223372036854775807"),
    )
    op.drop_index(op.f("ix_versions_from_revision"), table_name="versions")
    op.drop_table("versions")
    op.drop_index("ix_sources_title", table_name="sources")
    op.drop_index("ix_sources_sha256", table_name="sources")
    op.drop_index("ix_sources_publisher", table_name="sources")
    op.drop_index("ix_sources_published_on_earliest", table_name="sources")
    op.drop_index("ix_sources_language", table_name="sources")
    op.drop_index("ix_sources_kind", table_name="sources")
    op.drop_index("ix_sources_author", table_name="sources")
    op.drop_index("ix_sources_accessed_on_earliest", table_name="sources")
    op.drop_table("sources")
    op.drop_index("ix_events_title", table_name="events")
    op.drop_index("ix_events_kind", table_name="events")
    op.drop_index("ix_events_date_latest", table_name="events")
    op.drop_index("ix_events_date_earliest", table_name="events")
    op.drop_table("events")
    op.drop_index(
        "uq_edges_open",
        table_name="edges",
        postgresql_where=sa.text("to_revision = 9223372036854775807"),
        sqlite_where=sa.text("to_revision = 9223372036854775807"),
    )
    op.drop_index("ix_edges_record_id", table_name="edges")
    op.drop_index("ix_edges_on_id", table_name="edges")
    op.drop_index("ix_edges_from_revision", table_name="edges")
    op.drop_index("ix_edges_dependent_id", table_name="edges")
    op.drop_table("edges")
    op.drop_index("ix_contracts_value_low", table_name="contracts")
    op.drop_index("ix_contracts_value_high", table_name="contracts")
    op.drop_index("ix_contracts_title", table_name="contracts")
    op.drop_index("ix_contracts_term_months", table_name="contracts")
    op.drop_index("ix_contracts_starts_on_earliest", table_name="contracts")
    op.drop_index("ix_contracts_stage", table_name="contracts")
    op.drop_index("ix_contracts_signed_on_earliest", table_name="contracts")
    op.drop_index("ix_contracts_kind", table_name="contracts")
    op.drop_index("ix_contracts_exclusive_until_earliest", table_name="contracts")
    op.drop_index("ix_contracts_exclusive", table_name="contracts")
    op.drop_index("ix_contracts_ends_on_earliest", table_name="contracts")
    op.drop_index("ix_contracts_announced_on_latest", table_name="contracts")
    op.drop_index("ix_contracts_announced_on_earliest", table_name="contracts")
    op.drop_index(op.f("ix_contracts_amends_id"), table_name="contracts")
    op.drop_table("contracts")
    op.drop_index("ix_companies_website", table_name="companies")
    op.drop_index(op.f("ix_companies_parent_id"), table_name="companies")
    op.drop_index("ix_companies_name", table_name="companies")
    op.drop_index("ix_companies_kind", table_name="companies")
    op.drop_index("ix_companies_country", table_name="companies")
    op.drop_table("companies")
    op.drop_table("store")
    op.drop_index(op.f("ix_revisions_recorded_at"), table_name="revisions")
    op.drop_table("revisions")
    op.drop_table("records")
