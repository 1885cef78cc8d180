-- The trash is dropped from the leaves up, so that no task that stays loses the one it is a part of, and a list goes behind
-- its tasks. The role that deletes sees where a task belongs for that; what people wrote it still cannot read.
GRANT SELECT (list_id, parent_id, deletion_id) ON tasks TO tandem_tasks_housekeeping;
GRANT SELECT (deletion_id) ON lists TO tandem_tasks_housekeeping;
