-- A task that recurs has many completions: the newest that stands, and that of one occurrence, are found without the rest.

CREATE INDEX task_completions_owner_id_task_id_revision_idx ON task_completions (owner_id, task_id, revision)
    WHERE undo_time IS NULL;
CREATE INDEX task_completions_owner_id_task_id_due_date_idx ON task_completions (owner_id, task_id, due_date)
    WHERE undo_time IS NULL;
