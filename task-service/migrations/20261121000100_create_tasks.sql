-- People's tasks and what belongs to them. Every table leads with the owner, every reference carries it.

CREATE TABLE owners (
    owner_id uuid   NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT owners_pkey PRIMARY KEY (owner_id),
    CONSTRAINT owners_revision_counts CHECK (revision >= 0)
);

COMMENT ON TABLE owners IS 'One row per person who has written something.';
COMMENT ON COLUMN owners.owner_id IS 'The user id of auth-service.';
COMMENT ON COLUMN owners.revision IS 'Raised with every changed row. A write locks this row first, so commit order is revision order.';

CREATE TABLE tasks (
    owner_id      uuid        NOT NULL,
    id            uuid        NOT NULL,
    revision      bigint      NOT NULL,
    title         text        NOT NULL,
    title_order   text        COLLATE "C" NOT NULL,
    notes         text        NOT NULL,
    state         smallint    NOT NULL,
    priority      smallint,
    start_date    date,
    start_time    time,
    start_zone    text,
    due_date      date,
    due_time      time,
    due_zone      text,
    due_order     text        COLLATE "C",
    rank          text        COLLATE "C" NOT NULL,
    create_hash   bytea,
    create_time   timestamptz NOT NULL,
    update_time   timestamptz NOT NULL,
    complete_time timestamptz,
    delete_time   timestamptz,
    purge_time    timestamptz,
    CONSTRAINT tasks_pkey PRIMARY KEY (owner_id, id),
    CONSTRAINT tasks_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owners (owner_id) ON DELETE CASCADE,
    CONSTRAINT tasks_title_size CHECK (char_length(title) BETWEEN 1 AND 500),
    CONSTRAINT tasks_notes_size CHECK (octet_length(notes) <= 16384),
    CONSTRAINT tasks_state_known CHECK (state BETWEEN 1 AND 3),
    CONSTRAINT tasks_priority_known CHECK (priority BETWEEN 1 AND 4),
    CONSTRAINT tasks_start_whole CHECK (start_date IS NOT NULL OR (start_time IS NULL AND start_zone IS NULL)),
    CONSTRAINT tasks_due_whole CHECK (due_date IS NOT NULL OR (due_time IS NULL AND due_zone IS NULL)),
    CONSTRAINT tasks_due_ordered CHECK ((due_order IS NULL) = (due_date IS NULL)),
    CONSTRAINT tasks_create_hash_size CHECK (octet_length(create_hash) = 32),
    CONSTRAINT tasks_done_has_time CHECK ((state = 2) = (complete_time IS NOT NULL)),
    CONSTRAINT tasks_trash_has_end CHECK ((delete_time IS NULL) = (purge_time IS NULL))
);

CREATE INDEX tasks_owner_id_rank_idx ON tasks (owner_id, rank, id);
CREATE INDEX tasks_owner_id_due_order_idx ON tasks (owner_id, due_order, id);
CREATE INDEX tasks_owner_id_update_time_idx ON tasks (owner_id, update_time, id);
CREATE INDEX tasks_owner_id_revision_idx ON tasks (owner_id, revision);

COMMENT ON TABLE tasks IS 'Tasks, those in the trash too.';
COMMENT ON COLUMN tasks.revision IS 'The owner''s revision at the last change; the etag, and the place in the change feed.';
COMMENT ON COLUMN tasks.title_order IS 'The title in lower case, which it is sorted by.';
COMMENT ON COLUMN tasks.state IS '1 open, 2 done, 3 cancelled, as in the contract.';
COMMENT ON COLUMN tasks.priority IS '1 low to 4 urgent, as in the contract; null means none.';
COMMENT ON COLUMN tasks.due_order IS 'Due date and time as written, as text that sorts; a whole day comes before its hours.';
COMMENT ON COLUMN tasks.rank IS 'Place in the person''s own order, with the id behind it. Not unique.';
COMMENT ON COLUMN tasks.create_hash IS 'SHA-256 of the request that made a task with a client-chosen id; null for ids of ours.';

CREATE TABLE task_completions (
    owner_id      uuid        NOT NULL,
    id            uuid        NOT NULL,
    task_id       uuid        NOT NULL,
    revision      bigint      NOT NULL,
    due_date      date,
    due_time      time,
    due_zone      text,
    complete_time timestamptz NOT NULL,
    undo_time     timestamptz,
    CONSTRAINT task_completions_pkey PRIMARY KEY (owner_id, id),
    CONSTRAINT task_completions_owner_id_task_id_fkey FOREIGN KEY (owner_id, task_id)
        REFERENCES tasks (owner_id, id) ON DELETE CASCADE,
    CONSTRAINT task_completions_due_whole CHECK (due_date IS NOT NULL OR (due_time IS NULL AND due_zone IS NULL))
);

CREATE INDEX task_completions_owner_id_task_id_idx ON task_completions (owner_id, task_id, complete_time, id);

COMMENT ON TABLE task_completions IS 'That a task was completed. Never changed, but for being marked as undone.';
COMMENT ON COLUMN task_completions.due_date IS 'The due that was completed, with time and zone; null when the task had none.';
COMMENT ON COLUMN task_completions.undo_time IS 'When the task was reopened; null while the completion stands.';

CREATE TABLE requests (
    owner_id      uuid        NOT NULL,
    request_id    uuid        NOT NULL,
    method        text        NOT NULL,
    request_hash  bytea       NOT NULL,
    task_id       uuid        NOT NULL,
    completion_id uuid,
    create_time   timestamptz NOT NULL,
    CONSTRAINT requests_pkey PRIMARY KEY (owner_id, request_id),
    CONSTRAINT requests_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owners (owner_id) ON DELETE CASCADE,
    CONSTRAINT requests_request_hash_size CHECK (octet_length(request_hash) = 32)
);

CREATE INDEX requests_create_time_idx ON requests (create_time);

COMMENT ON TABLE requests IS 'Writes that carried a request_id, so that a repeat changes nothing. Kept for 24 hours at the least.';
COMMENT ON COLUMN requests.request_hash IS 'SHA-256 of the request''s canonical encoding.';
COMMENT ON COLUMN requests.task_id IS 'The task that the write answered with. No reference: the task may be purged before.';
