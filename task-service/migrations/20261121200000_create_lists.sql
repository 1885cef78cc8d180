-- Lists, subtasks and what a deletion took along.

CREATE TABLE lists (
    owner_id    uuid        NOT NULL,
    id          uuid        NOT NULL,
    revision    bigint      NOT NULL,
    title       text        NOT NULL,
    rank        text        COLLATE "C" NOT NULL,
    size_bytes  integer     NOT NULL,
    create_hash bytea,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    delete_time timestamptz,
    purge_time  timestamptz,
    deletion_id uuid,
    CONSTRAINT lists_pkey PRIMARY KEY (owner_id, id),
    CONSTRAINT lists_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owners (owner_id) ON DELETE CASCADE,
    CONSTRAINT lists_title_size CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT lists_create_hash_size CHECK (octet_length(create_hash) = 32),
    CONSTRAINT lists_trash_has_end CHECK ((delete_time IS NULL) = (purge_time IS NULL)),
    CONSTRAINT lists_trash_has_deletion CHECK ((delete_time IS NULL) = (deletion_id IS NULL))
);

CREATE INDEX lists_owner_id_rank_idx ON lists (owner_id, rank, id);
CREATE INDEX lists_owner_id_revision_idx ON lists (owner_id, revision);
CREATE INDEX lists_purge_time_idx ON lists (purge_time, owner_id) WHERE purge_time IS NOT NULL;

COMMENT ON TABLE lists IS 'Lists of tasks, those in the trash too. The inbox is no list.';
COMMENT ON COLUMN lists.revision IS 'The owner''s revision at the last change; the etag, and the place in the change feed.';
COMMENT ON COLUMN lists.rank IS 'Place in the person''s own order, with the id behind it. Not unique.';
COMMENT ON COLUMN lists.size_bytes IS 'What it counts for in the owner''s stored_bytes.';
COMMENT ON COLUMN lists.create_hash IS 'SHA-256 of the request that made a list with a client-chosen id; null for ids of ours.';
COMMENT ON COLUMN lists.deletion_id IS 'Which deletion took it to the trash; what one took along, an undelete of it brings back.';

ALTER TABLE tasks
    ADD COLUMN list_id uuid,
    ADD COLUMN parent_id uuid,
    ADD COLUMN labels text[] NOT NULL DEFAULT '{}',
    ADD COLUMN rrule text,
    ADD COLUMN recurrence_basis smallint,
    ADD COLUMN occurrence_number integer NOT NULL DEFAULT 1,
    ADD COLUMN deletion_id uuid,
    ADD COLUMN size_bytes integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT tasks_owner_id_list_id_fkey FOREIGN KEY (owner_id, list_id) REFERENCES lists (owner_id, id),
    ADD CONSTRAINT tasks_owner_id_parent_id_fkey FOREIGN KEY (owner_id, parent_id) REFERENCES tasks (owner_id, id)
        ON DELETE SET NULL (parent_id),
    ADD CONSTRAINT tasks_parent_is_another CHECK (parent_id <> id),
    ADD CONSTRAINT tasks_labels_count CHECK (cardinality(labels) <= 50),
    ADD CONSTRAINT tasks_rrule_size CHECK (octet_length(rrule) BETWEEN 1 AND 500),
    ADD CONSTRAINT tasks_recurrence_whole CHECK ((rrule IS NULL) = (recurrence_basis IS NULL)),
    ADD CONSTRAINT tasks_recurrence_basis_known CHECK (recurrence_basis BETWEEN 1 AND 2),
    ADD CONSTRAINT tasks_recurrence_has_due CHECK (rrule IS NULL OR due_date IS NOT NULL),
    ADD CONSTRAINT tasks_occurrence_number_counts CHECK (occurrence_number >= 1);

UPDATE tasks SET size_bytes = octet_length(title) + octet_length(notes);
UPDATE tasks SET deletion_id = id WHERE delete_time IS NOT NULL;

ALTER TABLE tasks
    ADD CONSTRAINT tasks_trash_has_deletion CHECK ((delete_time IS NULL) = (deletion_id IS NULL));

CREATE INDEX tasks_owner_id_list_id_rank_idx ON tasks (owner_id, list_id, rank, id);
CREATE INDEX tasks_owner_id_parent_id_rank_idx ON tasks (owner_id, parent_id, rank, id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_owner_id_deletion_id_idx ON tasks (owner_id, deletion_id) WHERE deletion_id IS NOT NULL;

COMMENT ON COLUMN tasks.list_id IS 'The list it is in; null means the inbox. A subtask is in its parent''s list.';
COMMENT ON COLUMN tasks.parent_id IS 'The task it is a part of.';
COMMENT ON COLUMN tasks.labels IS 'Its labels as written. To be found by, they stand in task_labels too.';
COMMENT ON COLUMN tasks.rrule IS 'Recurrence rule of RFC 5545, without RRULE: and DTSTART; null means that it does not recur.';
COMMENT ON COLUMN tasks.recurrence_basis IS '1 due, 2 completion, as in the contract.';
COMMENT ON COLUMN tasks.occurrence_number IS 'Which occurrence the present due is, from 1; what COUNT of a rule is compared with.';
COMMENT ON COLUMN tasks.deletion_id IS 'Which deletion took it to the trash; what one took along, an undelete of it brings back.';
COMMENT ON COLUMN tasks.size_bytes IS 'What it counts for in the owner''s stored_bytes.';

ALTER TABLE task_completions
    ADD COLUMN start_date date,
    ADD COLUMN start_time time,
    ADD COLUMN start_zone text,
    ADD COLUMN occurrence_number integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT task_completions_start_whole
        CHECK (start_date IS NOT NULL OR (start_time IS NULL AND start_zone IS NULL)),
    ADD CONSTRAINT task_completions_occurrence_number_counts CHECK (occurrence_number >= 1);

CREATE INDEX task_completions_owner_id_revision_idx ON task_completions (owner_id, revision);

COMMENT ON COLUMN task_completions.start_date IS 'The start that the task had, with time and zone, for when it is reopened.';
COMMENT ON COLUMN task_completions.occurrence_number IS 'Which occurrence of the task it was, from 1.';

CREATE TABLE task_labels (
    owner_id uuid NOT NULL,
    label    text COLLATE "C" NOT NULL,
    task_id  uuid NOT NULL,
    CONSTRAINT task_labels_pkey PRIMARY KEY (owner_id, label, task_id),
    CONSTRAINT task_labels_owner_id_task_id_fkey FOREIGN KEY (owner_id, task_id)
        REFERENCES tasks (owner_id, id) ON DELETE CASCADE,
    CONSTRAINT task_labels_label_size CHECK (char_length(label) BETWEEN 1 AND 100)
);

CREATE INDEX task_labels_owner_id_task_id_idx ON task_labels (owner_id, task_id);

COMMENT ON TABLE task_labels IS 'Which tasks have a label: rows, since no array operator gets past a policy to its index.';

-- What was removed for good, for those who keep a copy.
CREATE TABLE removals (
    owner_id    uuid        NOT NULL,
    revision    bigint      NOT NULL,
    kind        smallint    NOT NULL,
    id          uuid        NOT NULL,
    remove_time timestamptz NOT NULL,
    CONSTRAINT removals_pkey PRIMARY KEY (owner_id, revision),
    CONSTRAINT removals_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owners (owner_id) ON DELETE CASCADE,
    CONSTRAINT removals_kind_known CHECK (kind BETWEEN 1 AND 2)
);

CREATE INDEX removals_remove_time_idx ON removals (remove_time, owner_id);

COMMENT ON TABLE removals IS 'Tasks and lists that are gone, for the change feed. Kept for 90 days.';
COMMENT ON COLUMN removals.kind IS '1 a task with its completions, 2 a list, as in the contract.';

ALTER TABLE owners
    ADD COLUMN floor_revision bigint NOT NULL DEFAULT 0,
    ADD COLUMN tasks          bigint NOT NULL DEFAULT 0,
    ADD COLUMN lists          bigint NOT NULL DEFAULT 0,
    ADD COLUMN stored_bytes   bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT owners_floor_is_past CHECK (floor_revision BETWEEN 0 AND revision),
    ADD CONSTRAINT owners_usage_counts CHECK (tasks >= 0 AND lists >= 0 AND stored_bytes >= 0),
    ADD CONSTRAINT owners_tombstone_has_nothing
        CHECK (purge_time IS NULL OR (tasks = 0 AND lists = 0 AND stored_bytes = 0));

UPDATE owners SET (tasks, stored_bytes) =
    (SELECT count(*), coalesce(sum(tasks.size_bytes), 0) FROM tasks WHERE tasks.owner_id = owners.owner_id)
WHERE purge_time IS NULL;

COMMENT ON COLUMN owners.floor_revision IS 'Removals up to here are forgotten: who synced last before it starts again.';
COMMENT ON COLUMN owners.tasks IS 'How many tasks there are, those in the trash too.';
COMMENT ON COLUMN owners.lists IS 'How many lists there are, those in the trash too.';
COMMENT ON COLUMN owners.stored_bytes IS 'Bytes of titles, notes, labels and rules.';

-- A write answers with one object or with many.
ALTER TABLE requests
    ADD COLUMN resource_ids uuid[] NOT NULL DEFAULT '{}',
    ALTER COLUMN task_id DROP NOT NULL;

COMMENT ON COLUMN requests.resource_ids IS 'What the write answered with, in that order. No reference: it may be purged before.';
COMMENT ON COLUMN requests.task_id IS 'As resource_ids, for writes of releases before it; null since.';

GRANT SELECT, INSERT, UPDATE, DELETE ON lists, task_labels, removals TO tandem_tasks_person;
GRANT DELETE, SELECT (owner_id, id, purge_time, size_bytes) ON lists TO tandem_tasks_housekeeping;
GRANT SELECT (size_bytes) ON tasks TO tandem_tasks_housekeeping;
GRANT SELECT, INSERT, DELETE ON removals TO tandem_tasks_housekeeping;

ALTER TABLE lists ENABLE ROW LEVEL SECURITY;
ALTER TABLE lists FORCE ROW LEVEL SECURITY;
CREATE POLICY lists_of_person ON lists TO tandem_tasks_person
    USING (owner_id = (SELECT living_owner()));
CREATE POLICY lists_of_housekeeping ON lists TO tandem_tasks_housekeeping
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));
CREATE POLICY lists_trash_of_housekeeping ON lists FOR SELECT TO tandem_tasks_housekeeping
    USING (purge_time IS NOT NULL);

ALTER TABLE task_labels ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_labels FORCE ROW LEVEL SECURITY;
CREATE POLICY task_labels_of_person ON task_labels TO tandem_tasks_person
    USING (owner_id = (SELECT living_owner()));

ALTER TABLE removals ENABLE ROW LEVEL SECURITY;
ALTER TABLE removals FORCE ROW LEVEL SECURITY;
CREATE POLICY removals_of_person ON removals TO tandem_tasks_person
    USING (owner_id = (SELECT living_owner()));
CREATE POLICY removals_of_housekeeping ON removals TO tandem_tasks_housekeeping
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));
CREATE POLICY removals_old_of_housekeeping ON removals FOR SELECT TO tandem_tasks_housekeeping
    USING (true);
