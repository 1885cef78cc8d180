-- Deleting a person: a tombstone that refuses their calls, and a role for deleting that cannot read what it deletes.

ALTER TABLE owners
    ADD COLUMN purge_time timestamptz,
    ADD CONSTRAINT owners_tombstone_is_bare CHECK (purge_time IS NULL OR revision = 0);

COMMENT ON TABLE owners IS 'One row per person who has written something, or whose tasks are deleted with the account.';
COMMENT ON COLUMN owners.purge_time IS 'Set: the row is a tombstone, no call of the person is let through, and housekeeping drops it then.';

CREATE INDEX owners_purge_time_idx ON owners (purge_time) WHERE purge_time IS NOT NULL;
CREATE INDEX tasks_purge_time_idx ON tasks (purge_time, owner_id) WHERE purge_time IS NOT NULL;

-- No method can forget a tombstone, because the wall itself asks for it: whoever asks whose rows may be seen meets the
-- error. Every statement compares its owner with this before it looks for rows, so that it is met when there are none too.
-- It costs no round trip. An error within the text of BEGIN would cost none either, but would leave the client with a
-- transaction that it does not know of.
CREATE FUNCTION living_owner() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    owner uuid := nullif(current_setting('app.owner', true), '')::uuid;
BEGIN
    IF EXISTS (SELECT FROM owners WHERE owner_id = owner AND purge_time IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'TD001', MESSAGE = 'the owner is a tombstone';
    END IF;
    RETURN owner;
END
$$;

COMMENT ON FUNCTION living_owner IS 'The owner of the transaction, or the error TD001 when that is a tombstone.';

ALTER POLICY tasks_of_person ON tasks USING (owner_id = (SELECT living_owner()));
ALTER POLICY task_completions_of_person ON task_completions USING (owner_id = (SELECT living_owner()));
ALTER POLICY requests_of_person ON requests USING (owner_id = (SELECT living_owner()));

-- The role that deletes. It sees keys and times and never what people wrote; beside what is over anyway it reaches the
-- rows of one owner at a time.
DO $$
BEGIN
    CREATE ROLE tandem_tasks_housekeeping NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END
$$;

GRANT tandem_tasks_housekeeping TO CURRENT_USER;

GRANT SELECT, INSERT, UPDATE, DELETE ON owners TO tandem_tasks_housekeeping;
GRANT DELETE, SELECT (owner_id, id, purge_time) ON tasks TO tandem_tasks_housekeeping;
GRANT DELETE, SELECT (owner_id, id) ON task_completions TO tandem_tasks_housekeeping;
GRANT DELETE, SELECT (owner_id, request_id, create_time) ON requests TO tandem_tasks_housekeeping;

CREATE POLICY owners_of_housekeeping ON owners TO tandem_tasks_housekeeping
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));
CREATE POLICY owners_tombstones_of_housekeeping ON owners FOR SELECT TO tandem_tasks_housekeeping
    USING (purge_time IS NOT NULL);

CREATE POLICY tasks_of_housekeeping ON tasks TO tandem_tasks_housekeeping
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));
CREATE POLICY tasks_trash_of_housekeeping ON tasks FOR SELECT TO tandem_tasks_housekeeping
    USING (purge_time IS NOT NULL);

CREATE POLICY task_completions_of_housekeeping ON task_completions TO tandem_tasks_housekeeping
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));

-- Records of writes go by their age alone, whoever made them; there are too many to go one owner after the other.
CREATE POLICY requests_of_housekeeping ON requests TO tandem_tasks_housekeeping
    USING (true);
