"""Fills a PostgreSQL store with a large graph: companies and dependencies with hubs, all from one seed.

A company depends on five others. A third of all dependencies are on 20 hubs, as those on chip vendors are: at
5,000,000 edges each hub has about 87,000 dependents. Both clocks are set on every edge: a tenth end in 2025, a tenth
were closed by a later revision.
"""

import asyncpg

SEED = 0.42
REVISIONS = 10
OPEN = 2**63 - 1

_COMPANIES = """
INSERT INTO records (id, type, slug, version, retracted)
SELECT n, 'companies', 'company-' || n, 1, false FROM generate_series(1, $1::bigint) n;
"""
_COMPANY_ROWS = """
INSERT INTO companies (id, slug, name, kind)
SELECT n, 'company-' || n, 'Company ' || n, (ARRAY['ai_lab','cloud_provider','chip_vendor','software'])[1 + n % 4]
FROM generate_series(1, $1::bigint) n;
"""
_CONTRACTS = """
INSERT INTO records (id, type, slug, version, retracted)
SELECT $1::bigint + n, 'contracts', 'contract-' || n, 1, false FROM generate_series(1, $2::bigint) n;
"""
# 35 percent of the edges go to one of 20 hubs, the others to any company.
_EDGES = """
INSERT INTO edges (dependent_id, on_id, kind, record_id, record_type, record_slug,
                   start_earliest, start_latest, end_earliest, end_latest,
                   from_revision, to_revision, stage, evidence, evidenced_from, evidenced_to, flow, summary, document)
SELECT dependent, CASE WHEN target = dependent THEN 1 + dependent % $1::bigint ELSE target END, kind, $1::bigint + n,
       'contracts', 'contract-' || n, began, began, ended, ended, 1 + n % $3::int,
       CASE WHEN n % 10 = 0 THEN 1 + $3::int ELSE $4::bigint END,
       'active', 'reported', began + 2, began + 2, 'along', '{dependent} gets ' || kind || ' from {on}.',
       '{"amount":{"qualifier":"exact","amount":' || n || ',"low":' || n || ',"high":' || n
       || ',"unit":"USD","approximate":false,"text":"USD ' || n || '"},"share":null,"since":"' || began
       || '","until":null,"stage":"active","evidenced_from":"' || began + 2 || '","evidenced_to":"' || began + 2
       || '","flow":"along","nature":"money","part_of":null,"derived":{},"record":{"type":"contracts","slug":"contract-'
       || n || '","url":"/v1/contracts/contract-' || n || '"},"citations":[{"source":"a-source","locator":"page 1",'
       || '"claim":"One supplies the other.","excerpt":null,"evidence":"reported","confidence":"medium",'
       || '"attributed_to":null,"asserts":{}}]}'
FROM (
    SELECT n, 1 + n % $1::bigint AS dependent,
           1 + floor(random() * CASE WHEN random() < 0.35 THEN 20 ELSE $1::bigint END)::bigint AS target,
           (ARRAY['compute','hardware','technology','energy','colocation'])[1 + n % 5] AS kind,
           date '2020-01-01' + (n % 1500)::int AS began,
           CASE WHEN n % 10 = 1 THEN date '2025-06-30' ELSE date '9999-12-31' END AS ended
    FROM generate_series(1, $2::bigint) n
) drawn;
"""


async def fill(url: str, companies: int, edges: int) -> None:
    """Fill an empty, migrated store; its indexes are made anew at the end, which is faster."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
    tables = ["records", "companies", "edges"]
    rows = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1) AND indexname LIKE 'ix_%'", tables
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    for revision in range(1, REVISIONS + 2):
        await connection.execute(
            "INSERT INTO revisions (revision, recorded_at, actor) "
            "VALUES ($1, now() - make_interval(days => $2), 'generator')",
            revision,
            REVISIONS + 2 - revision,
        )
    await connection.execute(f"UPDATE store SET revision = {REVISIONS + 1}")
    await connection.execute(f"SELECT setseed({SEED})")
    await connection.execute(_COMPANIES, companies)
    await connection.execute(_COMPANY_ROWS, companies)
    await connection.execute(_CONTRACTS, companies, edges)
    await connection.execute(_EDGES, companies, edges, REVISIONS, OPEN)
    for row in rows:
        await connection.execute(row["indexdef"])
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
