-- Search. Under a policy Postgres uses no index with an operator that is not leakproof, and neither LIKE nor what pg_trgm
-- brings is that. So one function finds candidates under a role of its own and answers with ids and scores alone; the rows
-- are then read through the wall.

-- Nobody signs in as this role. It owns that function and nothing else, and reads what a search must look at.
DO $$
BEGIN
    CREATE ROLE tandem_tasks_search NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'tandem_tasks_search', 'MEMBER') THEN
        GRANT tandem_tasks_search TO CURRENT_USER;
    END IF;
END
$$;

GRANT SELECT (owner_id, purge_time) ON owners TO tandem_tasks_search;
GRANT SELECT (owner_id, id, title, notes, update_time, delete_time) ON tasks TO tandem_tasks_search;

CREATE POLICY owners_of_search ON owners FOR SELECT TO tandem_tasks_search
    USING (owner_id = (SELECT nullif(current_setting('app.owner', true), '')::uuid));
-- With a condition here no index on text could be used. The condition is the first one of the function below, and that
-- function is all that ever runs as this role.
CREATE POLICY tasks_of_search ON tasks FOR SELECT TO tandem_tasks_search
    USING (true);

-- What is searched: title and notes in lower case, without accents, white space as spaces and one before each word. The
-- service folds the words of a query the same way.
DO $do$
DECLARE
    -- Without this collation a database whose locale is C knows the case of ASCII letters alone.
    folding text := CASE WHEN EXISTS (
        SELECT FROM pg_collation WHERE collname = 'und-x-icu' AND collnamespace = 'pg_catalog'::regnamespace
    ) THEN ' COLLATE pg_catalog."und-x-icu"' ELSE '' END;
BEGIN
    EXECUTE format($f$
        CREATE FUNCTION search_text(title text, notes text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
        DECLARE
            whole text := pg_catalog.translate(pg_catalog.concat(' ', title, ' ', notes), E'\n\r\t', '   ');
        BEGIN
            IF pg_catalog.octet_length(whole) OPERATOR(pg_catalog.=) pg_catalog.char_length(whole) THEN
                RETURN pg_catalog.lower(whole);
            END IF;
            whole := pg_catalog.regexp_replace(pg_catalog.normalize(whole, 'NFKD'), '[\u0300-\u036f]', '', 'g');
            RETURN pg_catalog.lower(whole%s);
        END
        $$ $f$, folding);
END
$do$;

COMMENT ON FUNCTION search_text IS 'Title and notes as they are searched: without case and accents.';

-- Both extensions are trusted: whoever may create in the database can create them. Without them, or where the server does
-- not have them, the function below reads all of the owner's tasks (docs/tasks/search.md says how to add them later).
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS btree_gin;
    CREATE INDEX tasks_search_idx ON tasks USING gin (owner_id, search_text(title, notes) gin_trgm_ops);
EXCEPTION
    WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object OR invalid_schema_name THEN
        RAISE NOTICE 'search goes without an index: %', SQLERRM;
END
$$;

-- Ids of up to so many tasks of the transaction's owner that have every word, with how well they fit; with typos, those that
-- have words like them, or may have: the caller compares.
CREATE FUNCTION search_candidates(asked_owner uuid, words text[], with_typos boolean, most integer)
RETURNS TABLE (id uuid, score integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.35
AS $$
DECLARE
    -- Whose rows may be seen is what the transaction says. A tombstone ends it here.
    owner uuid := living_owner();
    has_index boolean := to_regclass('public.tasks_search_idx') IS NOT NULL;
    -- As patterns: the word anywhere, at the beginning of one, and whole.
    parts text[] := '{}';
    beginnings text[] := '{}';
    wholes text[] := '{}';
    newest_first boolean := false;
    conditions text := '';
    scores text := '0';
    word text;
BEGIN
    IF owner IS NULL OR asked_owner IS DISTINCT FROM owner OR coalesce(cardinality(words), 0) = 0 THEN
        RETURN;
    END IF;
    -- Numbers are all that becomes a part of the text.
    FOR i IN 1 .. least(cardinality(words), 8) LOOP
        word := regexp_replace(words[i], '([\\%_])', '\\\1', 'g');
        beginnings := beginnings || ('% ' || word || '%');
        wholes := wholes || ('% ' || word || ' %');
        -- One or two ASCII letters give an index nothing to look for, so they must begin a word.
        parts := parts || CASE WHEN octet_length(words[i]) < 3 THEN beginnings[i] ELSE '%' || word || '%' END;
        IF NOT with_typos OR char_length(words[i]) < 4 THEN
            conditions := conditions || format(' AND search_text(title, notes) LIKE $3[%s]', i);
            scores := scores || format(
                ' + CASE WHEN heading LIKE $5[%1$s] THEN 4 WHEN heading LIKE $4[%1$s] THEN 3
                         WHEN heading LIKE $3[%1$s] THEN 2 ELSE 1 END', i);
        ELSIF has_index THEN
            conditions := conditions || format(' AND $2[%s] <%% search_text(title, notes)', i);
            scores := scores || format(' + (100 * word_similarity($2[%s], search_text(title, notes)))::integer', i);
        ELSE
            -- The newest must do.
            newest_first := true;
        END IF;
    END LOOP;
    RETURN QUERY EXECUTE
        'SELECT found.id, ' || scores || ' FROM (
             SELECT tasks.id, title, notes, search_text(title, '''') AS heading FROM tasks
             WHERE owner_id = $1 AND delete_time IS NULL' || conditions
        || CASE WHEN newest_first THEN ' ORDER BY update_time DESC' ELSE '' END
        || ' LIMIT $6) found'
        USING owner, words, parts, beginnings, wholes, least(greatest(most, 0), 1000);
END
$$;

COMMENT ON FUNCTION search_candidates IS
    'Ids of the owner''s tasks that a search may answer with. The only function that runs as another role.';

-- It is given away. For as long as that takes its new owner must be allowed to make things here.
REVOKE ALL ON FUNCTION search_candidates FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_candidates TO tandem_tasks_person;
DO $$
DECLARE
    here text := quote_ident(current_schema());
BEGIN
    EXECUTE 'GRANT CREATE ON SCHEMA ' || here || ' TO tandem_tasks_search';
    ALTER FUNCTION search_candidates OWNER TO tandem_tasks_search;
    EXECUTE 'REVOKE CREATE ON SCHEMA ' || here || ' FROM tandem_tasks_search';
END
$$;
