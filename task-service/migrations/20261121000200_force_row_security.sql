-- The third wall. The policies read the owner through a scalar sub-select, which Postgres evaluates once per statement
-- (an InitPlan); a bare current_setting would be called for every row.
GRANT SELECT, INSERT, UPDATE, DELETE ON owners, tasks, task_completions, requests TO tandem_tasks_person;

ALTER TABLE owners ENABLE ROW LEVEL SECURITY;
ALTER TABLE owners FORCE ROW LEVEL SECURITY;
CREATE POLICY owners_of_person ON owners TO tandem_tasks_person
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));

ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tasks_of_person ON tasks TO tandem_tasks_person
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));

ALTER TABLE task_completions ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_completions FORCE ROW LEVEL SECURITY;
CREATE POLICY task_completions_of_person ON task_completions TO tandem_tasks_person
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));

ALTER TABLE requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE requests FORCE ROW LEVEL SECURITY;
CREATE POLICY requests_of_person ON requests TO tandem_tasks_person
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));
