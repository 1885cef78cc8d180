-- What several people ask for at the same moment can be one statement. It runs under a role of its own, behind the same wall:
-- rows of the people whom the transaction names exist, and no others.
DO $$
BEGIN
    CREATE ROLE tandem_tasks_people NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'tandem_tasks_people', 'USAGE') THEN
        GRANT tandem_tasks_people TO CURRENT_USER;
    END IF;
END
$$;

-- It adds and changes; what deletes goes one owner after the other.
GRANT SELECT, UPDATE ON owners TO tandem_tasks_people;
GRANT SELECT, INSERT, UPDATE ON tasks TO tandem_tasks_people;
GRANT SELECT, INSERT ON task_labels, requests, task_events TO tandem_tasks_people;
GRANT SELECT (owner_id, id, delete_time) ON lists TO tandem_tasks_people;

-- Unlike the policies for one owner these do not ask for tombstones: find_tasks does so itself, and who writes holds the locks
-- of owners who live. In this form the condition is none that an index could be chosen for: which one is, the pairs say.
CREATE POLICY owners_of_people ON owners TO tandem_tasks_people
    USING (array_position((SELECT nullif(current_setting('app.owners', true), '')::uuid[])::uuid[], owner_id) IS NOT NULL);
CREATE POLICY tasks_of_people ON tasks TO tandem_tasks_people
    USING (array_position((SELECT nullif(current_setting('app.owners', true), '')::uuid[])::uuid[], owner_id) IS NOT NULL);
CREATE POLICY task_labels_of_people ON task_labels TO tandem_tasks_people
    USING (array_position((SELECT nullif(current_setting('app.owners', true), '')::uuid[])::uuid[], owner_id) IS NOT NULL);
CREATE POLICY requests_of_people ON requests TO tandem_tasks_people
    USING (array_position((SELECT nullif(current_setting('app.owners', true), '')::uuid[])::uuid[], owner_id) IS NOT NULL);
CREATE POLICY task_events_of_people ON task_events TO tandem_tasks_people
    USING (array_position((SELECT nullif(current_setting('app.owners', true), '')::uuid[])::uuid[], owner_id) IS NOT NULL);
CREATE POLICY lists_of_people ON lists FOR SELECT TO tandem_tasks_people
    USING (array_position((SELECT nullif(current_setting('app.owners', true), '')::uuid[])::uuid[], owner_id) IS NOT NULL);

-- Tasks by owner and id, in one round trip: it says itself whose rows exist, and runs as the role above. The place tells
-- which pair a row answers. One tombstone among the owners is the error TD001, also when there are no rows.
CREATE FUNCTION find_tasks(uuid[], uuid[])
RETURNS TABLE (
    place bigint, id uuid, revision bigint, list_id uuid, parent_id uuid, title text, notes text, state smallint,
    priority smallint, labels text[], start_date date, start_time time, start_zone text, due_date date, due_time time,
    due_zone text, rrule text, recurrence_basis smallint, occurrence_number integer, rank text, create_time timestamptz,
    update_time timestamptz, complete_time timestamptz, delete_time timestamptz, purge_time timestamptz, deletion_id uuid
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
-- One way is right whatever the statistics say, or do not say yet: pair after pair through the key. The index for search
-- begins with the owner too, and was taken for a young table, a thousand times as dear.
SET enable_bitmapscan = off
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    bound text := set_config('app.owners', $1::text, true);
BEGIN
    IF EXISTS (SELECT FROM owners WHERE owner_id = ANY ($1) AND purge_time IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'TD001', MESSAGE = 'an owner is a tombstone';
    END IF;
    -- The limit keeps the planner from joining another way.
    RETURN QUERY
    SELECT asked.place, found.*
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (owner_id, id, place)
    CROSS JOIN LATERAL (
        SELECT tasks.id, tasks.revision, tasks.list_id, tasks.parent_id, tasks.title, tasks.notes, tasks.state,
               tasks.priority, tasks.labels, tasks.start_date, tasks.start_time, tasks.start_zone, tasks.due_date,
               tasks.due_time, tasks.due_zone, tasks.rrule, tasks.recurrence_basis, tasks.occurrence_number, tasks.rank,
               tasks.create_time, tasks.update_time, tasks.complete_time, tasks.delete_time, tasks.purge_time,
               tasks.deletion_id
        FROM tasks WHERE tasks.owner_id = asked.owner_id AND tasks.id = asked.id LIMIT 1
    ) AS found;
END
$$;

COMMENT ON FUNCTION find_tasks IS 'Tasks by owner and id, each owner''s through the wall.';

-- It is given away, as search_candidates is; who may become that role may call it.
REVOKE ALL ON FUNCTION find_tasks FROM PUBLIC;
DO $$
DECLARE
    here text := quote_ident(current_schema());
BEGIN
    EXECUTE 'GRANT CREATE ON SCHEMA ' || here || ' TO tandem_tasks_people';
    ALTER FUNCTION find_tasks OWNER TO tandem_tasks_people;
    EXECUTE 'REVOKE CREATE ON SCHEMA ' || here || ' FROM tandem_tasks_people';
END
$$;
