-- The role under which every statement of a person runs. It has no login and owns nothing, so forced row-level security
-- holds for it whoever the service signed in as. Roles belong to the whole server: another database may have made it.
DO $$
BEGIN
    CREATE ROLE tandem_tasks_person NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END
$$;

GRANT tandem_tasks_person TO CURRENT_USER;
