-- The first tasks of an owner's own order are what is listed most: many people's in one round trip, as find_tasks reads them.
-- Each asks behind a place, which is '' and the lowest id for the beginning, and for so many at the most; what is in the trash
-- is left out. The place of a row tells whom it answers, and the rows of each come in order.
CREATE FUNCTION list_tasks(uuid[], text[], uuid[], integer[])
RETURNS TABLE (
    place bigint, id uuid, revision bigint, list_id uuid, parent_id uuid, title text, notes text, state smallint,
    priority smallint, labels text[], start_date date, start_time time, start_zone text, due_date date, due_time time,
    due_zone text, rrule text, recurrence_basis smallint, occurrence_number integer, rank text, create_time timestamptz,
    update_time timestamptz, complete_time timestamptz, delete_time timestamptz, purge_time timestamptz, deletion_id uuid
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
-- One way is right whatever the statistics say: owner after owner along the index of their order, which ends at the limit.
SET enable_bitmapscan = off
SET enable_seqscan = off
SET enable_sort = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    bound text := set_config('app.owners', $1::text, true);
BEGIN
    RETURN QUERY
    SELECT asked.place, found.*
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[]) WITH ORDINALITY
         AS asked (owner_id, rank, id, most, place)
    CROSS JOIN LATERAL (
        SELECT tasks.id, tasks.revision, tasks.list_id, tasks.parent_id, tasks.title, tasks.notes, tasks.state,
               tasks.priority, tasks.labels, tasks.start_date, tasks.start_time, tasks.start_zone, tasks.due_date,
               tasks.due_time, tasks.due_zone, tasks.rrule, tasks.recurrence_basis, tasks.occurrence_number, tasks.rank,
               tasks.create_time, tasks.update_time, tasks.complete_time, tasks.delete_time, tasks.purge_time,
               tasks.deletion_id
        FROM tasks
        WHERE tasks.owner_id = asked.owner_id AND (tasks.rank, tasks.id) > (asked.rank, asked.id)
            AND tasks.delete_time IS NULL
        ORDER BY tasks.rank, tasks.id LIMIT asked.most
    ) AS found;
    -- Behind it, so that no rows can have gone in between: they go after the tombstone was made.
    IF EXISTS (SELECT FROM owners WHERE owner_id = ANY ($1) AND purge_time IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'TD001', MESSAGE = 'an owner is a tombstone';
    END IF;
END
$$;

COMMENT ON FUNCTION list_tasks IS 'The next tasks of owners'' own orders, each owner''s through the wall.';

-- It is given away, as find_tasks is.
REVOKE ALL ON FUNCTION list_tasks FROM PUBLIC;
DO $$
DECLARE
    here text := quote_ident(current_schema());
BEGIN
    EXECUTE 'GRANT CREATE ON SCHEMA ' || here || ' TO tandem_tasks_people';
    ALTER FUNCTION list_tasks OWNER TO tandem_tasks_people;
    EXECUTE 'REVOKE CREATE ON SCHEMA ' || here || ' FROM tandem_tasks_people';
END
$$;

-- For a few pairs Postgres took it for cheaper to plan anew each time.
ALTER FUNCTION find_tasks SET plan_cache_mode = force_generic_plan;
