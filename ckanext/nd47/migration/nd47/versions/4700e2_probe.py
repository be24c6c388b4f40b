"""What identifies a page of the export, as functions of the database.

They are asked for with every request. To plan the statement took twice as long as to run it; of a
function PostgreSQL keeps the plan, also behind a connection pooler.

Revision ID: 4700e2
Revises: 4700e1
"""

from __future__ import annotations

from alembic import op

revision = "4700e2"
down_revision = "4700e1"
branch_labels = None
depends_on = None

BY_PLACE = "nd47_dcat_page(bigint, bigint, text[], text)"
BY_IDS = "nd47_dcat_page(text[], text[], text)"

PUBLIC = """
    nd47_dcat_entry e JOIN package p ON p.id = e.id
    WHERE e.state = 'live' AND p.state = 'active' AND p.private IS FALSE AND p.type = ANY(types)
"""
AROUND = f"""
    (SELECT e.ordinal FROM {PUBLIC} AND e.ordinal < first ORDER BY e.ordinal DESC LIMIT 1),
    (SELECT e.ordinal FROM {PUBLIC} AND e.ordinal > last ORDER BY e.ordinal LIMIT 1),
    (SELECT e.ordinal FROM {PUBLIC} ORDER BY e.ordinal DESC LIMIT 1)
"""
FUNCTION = """
    CREATE FUNCTION nd47_dcat_page({arguments}, types text[], written_under text)
    RETURNS TABLE (found bigint, entries text, stale boolean, waiting text[], nodes text,
        until timestamptz, modified timestamptz, live bigint, listed timestamptz, seq bigint,
        complete boolean, before bigint, behind bigint, final bigint)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $function$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY
        WITH page AS MATERIALIZED (
            SELECT e.id, e.etag, e.modified, e.ordinal, e.registered, e.settled, e.fingerprint,
                e.due
            FROM {public} AND {chosen}
        ), node AS MATERIALIZED (
            SELECT n.key, n.etag, n.modified, n.due FROM nd47_dcat_node n
            WHERE n.key IN (SELECT unnest(registered) FROM page)
        ), dataset AS (
            SELECT count(*) FILTER (WHERE e.etag <> '') AS found,
                string_agg(e.etag, ',' ORDER BY e.ordinal) AS entries,
                max(e.modified) AS modified,
                bool_or(e.fingerprint <> written_under) AS stale,
                array_agg(e.id) FILTER (WHERE e.due IS NOT NULL OR EXISTS (
                    SELECT FROM node n WHERE n.key = ANY(e.registered) AND n.due IS NOT NULL
                        AND (e.settled IS NULL OR e.settled < n.due)
                )) AS waiting
            FROM page e
        ), registered AS (
            SELECT string_agg(n.etag, ',' ORDER BY n.key) AS nodes, max(n.modified) AS modified,
                max(n.due) AS until
            FROM node n
        )
        SELECT d.found, d.entries, d.stale, d.waiting, r.nodes, r.until,
            greatest(d.modified, r.modified, s.listed), s.live, s.listed, s.seq, s.complete,
            {around}
        FROM dataset d CROSS JOIN registered r LEFT JOIN nd47_dcat_state s ON true;
    END
    $function$
"""


def upgrade():
    downgrade()  # `ckan db clean` leaves functions where they are
    for arguments, chosen, around in (
        ("first bigint, last bigint", "e.ordinal BETWEEN first AND last", AROUND),
        ("ids text[]", "e.id = ANY(ids)", "NULL::bigint, NULL::bigint, NULL::bigint"),
    ):
        op.execute(
            FUNCTION.format(arguments=arguments, public=PUBLIC, chosen=chosen, around=around)
        )


def downgrade():
    for signature in (BY_PLACE, BY_IDS):
        op.execute(f"DROP FUNCTION IF EXISTS {signature}")
