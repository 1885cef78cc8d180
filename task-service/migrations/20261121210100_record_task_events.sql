-- What happened to a task: who changed what of it, and when.
CREATE TABLE task_events (
    owner_id   uuid        NOT NULL,
    revision   bigint      NOT NULL,
    task_id    uuid        NOT NULL,
    event_time timestamptz NOT NULL,
    actor      text        NOT NULL,
    method     text        NOT NULL,
    fields     text[]      NOT NULL,
    old_values text[]      NOT NULL,
    new_values text[]      NOT NULL,
    cuts       boolean[]   NOT NULL,
    CONSTRAINT task_events_pkey PRIMARY KEY (owner_id, revision),
    CONSTRAINT task_events_owner_id_task_id_fkey FOREIGN KEY (owner_id, task_id)
        REFERENCES tasks (owner_id, id) ON DELETE CASCADE,
    CONSTRAINT task_events_actor_size CHECK (char_length(actor) BETWEEN 1 AND 72),
    CONSTRAINT task_events_method_size CHECK (char_length(method) BETWEEN 1 AND 64),
    CONSTRAINT task_events_changes_whole CHECK (
        cardinality(fields) >= 1 AND cardinality(old_values) = cardinality(fields)
        AND cardinality(new_values) = cardinality(fields) AND cardinality(cuts) = cardinality(fields))
);

CREATE INDEX task_events_owner_id_task_id_idx ON task_events (owner_id, task_id, revision);
CREATE INDEX task_events_event_time_idx ON task_events (event_time, owner_id);

COMMENT ON TABLE task_events IS 'Who changed what of a task, and when. Kept for some months.';
COMMENT ON COLUMN task_events.revision IS 'The task''s revision after the change.';
COMMENT ON COLUMN task_events.actor IS 'person, or service:NAME for a service that acted for the person.';
COMMENT ON COLUMN task_events.method IS 'The method that was called.';
COMMENT ON COLUMN task_events.fields IS 'The changed fields, by their names in the contract.';
COMMENT ON COLUMN task_events.old_values IS 'What they were, as text, in the order of the fields.';
COMMENT ON COLUMN task_events.new_values IS 'What they became, in the same order.';
COMMENT ON COLUMN task_events.cuts IS 'Whether a value was too long to be kept whole, in the same order.';

GRANT SELECT, INSERT, UPDATE, DELETE ON task_events TO tandem_tasks_person;
GRANT DELETE, SELECT (owner_id, revision, event_time) ON task_events TO tandem_tasks_housekeeping;

ALTER TABLE task_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_events FORCE ROW LEVEL SECURITY;
CREATE POLICY task_events_of_person ON task_events TO tandem_tasks_person
    USING (owner_id = (SELECT living_owner()));
-- They go by their age alone, as requests do.
CREATE POLICY task_events_of_housekeeping ON task_events TO tandem_tasks_housekeeping
    USING (true);
