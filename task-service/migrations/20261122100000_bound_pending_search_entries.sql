-- What is written goes into the search index by way of a list, which whoever finds it full puts in order while everybody
-- behind them waits. At 4 MB, what Postgres allows unless told otherwise, that takes hundreds of milliseconds; at this size
-- a few, at about the same cost for each write. Searches read the list too, and have less to read.
DO $$
BEGIN
    IF to_regclass('public.tasks_search_idx') IS NOT NULL THEN
        ALTER INDEX tasks_search_idx SET (gin_pending_list_limit = 256);
    END IF;
END
$$;
