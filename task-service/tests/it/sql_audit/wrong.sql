-- tasks is not bound to the owner: no owner at all
SELECT title FROM tasks WHERE id = $2

-- tasks is not bound to the owner: OR lets everybody in
SELECT title FROM tasks WHERE owner_id = $1 OR true

-- tasks is not bound to the owner: AND binds tighter than OR
SELECT title FROM tasks WHERE owner_id = $1 AND id = $2 OR state = 1

-- tasks is not bound to the owner: brackets do not hide an OR
SELECT title FROM tasks WHERE id = $2 AND (owner_id = $1 OR state = 1)

-- tasks is not bound to the owner: everybody else
SELECT title FROM tasks WHERE owner_id <> $1

-- tasks is not bound to the owner: turned round
SELECT title FROM tasks WHERE NOT (owner_id = $1)

-- tasks is not bound to the owner: turned round the other way
SELECT title FROM tasks WHERE (owner_id = $1) IS NOT TRUE

-- tasks is not bound to the owner: a range
SELECT title FROM tasks WHERE owner_id >= $1

-- tasks is not bound to the owner: a literal
SELECT title FROM tasks WHERE owner_id = '0193a0b0-0000-7000-8000-000000000001'

-- tasks is not bound to the owner: a parameter that is not the owner
SELECT title FROM tasks WHERE owner_id = $2 AND id = $1

-- tasks is not bound to the owner: several owners
SELECT title FROM tasks WHERE owner_id IN ($1, $2)

-- tasks is not bound to the owner: an array of owners
SELECT title FROM tasks WHERE owner_id = ANY ($1)

-- tasks is not bound to the owner: a column of its own
SELECT title FROM tasks WHERE owner_id = id

-- tasks is not bound to the owner: itself
SELECT title FROM tasks WHERE owner_id = owner_id AND $1 = $1

-- tasks is not bound to the owner: another column
SELECT title FROM tasks WHERE id = $1

-- tasks is not bound to the owner: the owner in a CASE
SELECT title FROM tasks WHERE CASE WHEN owner_id = $1 THEN true ELSE state = 1 END

-- tasks is not bound to the owner: whoever has the same text
SELECT title FROM tasks WHERE owner_id::text LIKE $1

-- tasks is not bound to the owner: the owner in the column list alone
SELECT owner_id = $1, title FROM tasks

-- tasks is not bound to the owner: HAVING comes too late
SELECT owner_id, count(*) FROM tasks GROUP BY owner_id HAVING owner_id = $1

-- tasks is not bound to the owner: the owner stands in a comment
SELECT title FROM tasks WHERE id = $2 -- AND owner_id = $1

-- tasks is not bound to the owner: the owner stands in a comment within a comment
SELECT title FROM tasks WHERE id = $2 /* /* */ AND owner_id = $1 */

-- tasks is not bound to the owner: the owner stands in a text
SELECT title FROM tasks WHERE title = 'x' AND notes = ' AND owner_id = $1'

-- tasks is not bound to the owner: the owner in a subselect only
SELECT title FROM tasks WHERE id IN (SELECT task_id FROM task_completions WHERE owner_id = $1)

-- tasks is not bound to the owner: the subselect's owner is the outer one
SELECT id FROM task_completions c WHERE c.owner_id = $1 AND EXISTS (SELECT 1 FROM tasks WHERE c.owner_id = $1)

-- tasks is not bound to the owner: EXISTS without an owner
SELECT id FROM task_completions c WHERE c.owner_id = $1 AND EXISTS (SELECT 1 FROM tasks t2 JOIN tasks ON tasks.id = t2.id WHERE t2.owner_id = $1)

-- task_completions is not bound to the owner: a value from a subselect
SELECT (SELECT max(complete_time) FROM task_completions WHERE task_id = tasks.id) FROM tasks WHERE owner_id = $1

-- c is not bound to the owner: the second table of a join
SELECT t.title, c.complete_time FROM tasks t JOIN task_completions c ON c.task_id = t.id WHERE t.owner_id = $1

-- t is not bound to the owner: a bare column says nothing beside a second table
SELECT t.title FROM tasks t, requests r WHERE owner_id = $1 AND t.id = r.task_id

-- t is not bound to the owner: bound to a table that is bound to nobody
SELECT t.title FROM tasks t JOIN task_completions c ON c.owner_id = t.owner_id

-- t is not bound to the owner: a left join keeps the left side's rows
SELECT t.title FROM tasks t LEFT JOIN task_completions c ON t.owner_id = $1 AND c.owner_id = t.owner_id WHERE c.owner_id = $1

-- a kind of join that is not known: a right join keeps the right side's rows
SELECT t.title FROM task_completions c RIGHT JOIN tasks t ON t.owner_id = $1 WHERE c.owner_id = $1

-- a kind of join that is not known: NATURAL joins on whatever there is
SELECT title FROM tasks NATURAL JOIN task_completions WHERE tasks.owner_id = $1

-- two tables have one name: quotes keep two names apart that look like one
SELECT t.title FROM tasks "T", tasks t WHERE t.owner_id = $1

-- columns get new names: another column is called owner_id
SELECT title FROM tasks AS t (id, owner_id) WHERE owner_id = $1

-- c is not bound to the owner: LATERAL without an owner
SELECT t.title FROM tasks t, LATERAL (SELECT id FROM task_completions c WHERE c.task_id = t.id) x WHERE t.owner_id = $1

-- tasks is not bound to the owner: a derived table, filtered from outside
SELECT title FROM (SELECT owner_id, title FROM tasks) t WHERE owner_id = $1

-- tasks is not bound to the owner: a CTE, filtered from outside
WITH all_tasks AS (SELECT owner_id, title FROM tasks) SELECT title FROM all_tasks WHERE owner_id = $1

-- tasks hides a table: a CTE that is called as a table is
WITH tasks AS (SELECT * FROM tasks) SELECT title FROM tasks

-- tasks is not bound to the owner: the second arm of a union
SELECT id FROM task_completions WHERE owner_id = $1 UNION SELECT id FROM tasks

-- a kind of statement that is not known: TABLE has no condition
SELECT id FROM tasks WHERE owner_id = $1 UNION ALL TABLE task_completions

-- tasks is not bound to the owner: an update of everybody
UPDATE tasks SET state = 2 WHERE id = $2

-- t is not bound to the owner: an update with a second table
UPDATE tasks t SET state = 2 FROM task_completions c WHERE c.owner_id = $1 AND c.task_id = t.id

-- c is not bound to the owner: an update from everybody's rows
UPDATE tasks t SET complete_time = c.complete_time FROM task_completions c WHERE t.owner_id = $1 AND c.task_id = t.id

-- a row changes its owner: a task is given away
UPDATE tasks SET owner_id = $2 WHERE owner_id = $1 AND id = $3

-- a row changes its owner: a task is given away among other columns
UPDATE tasks SET (state, owner_id) = (1, $2) WHERE owner_id = $1

-- tasks is not bound to the owner: a delete of everybody
DELETE FROM tasks WHERE id = $2

-- t is not bound to the owner: a delete with a second table
DELETE FROM tasks t USING task_completions c WHERE c.owner_id = $1 AND c.task_id = t.id

-- tasks is not bound to the owner: RETURNING looks elsewhere
UPDATE owners SET revision = revision + 1 WHERE owner_id = $1 RETURNING (SELECT max(title) FROM tasks)

-- tasks is not bound to the owner: a delete inside a CTE
WITH gone AS (DELETE FROM tasks WHERE id = $2 RETURNING id) SELECT id FROM gone

-- owners gets rows of another owner: a literal
INSERT INTO owners (owner_id, revision) VALUES ('0193a0b0-0000-7000-8000-000000000001', 0)

-- owners gets rows of another owner: the second row
INSERT INTO owners (owner_id, revision) VALUES ($1, 0), ($2, 0)

-- owners gets rows of another owner: the columns are not named
INSERT INTO owners VALUES ($1, 0)

-- tasks gets rows of another owner: copied with their owner
INSERT INTO tasks (owner_id, id) SELECT owner_id, id FROM tasks WHERE owner_id = $1

-- requests gets rows of another owner: a wildcard moves the place
INSERT INTO requests (request_id, owner_id) SELECT t.*, $1 FROM tasks t WHERE t.owner_id = $1

-- tasks is not bound to the owner: copied from everybody
INSERT INTO requests (owner_id, request_id) SELECT $1, id FROM tasks WHERE id = $2

-- owners is not bound to the owner: a conflict meets anybody's row
INSERT INTO owners (owner_id, revision) VALUES ($1, 0) ON CONFLICT (owner_id) DO UPDATE SET revision = 1

-- owners is not bound to the owner: excluded is always ours
INSERT INTO owners (owner_id, revision) VALUES ($1, 0)
ON CONFLICT (owner_id) DO UPDATE SET revision = 1 WHERE excluded.owner_id = $1

-- the function query_to_xml is not known: it runs what it is given
SELECT query_to_xml('SELECT title FROM tasks', true, false, '')

-- the function set_config is not known: it would make us somebody else
SELECT set_config('app.owner', $1, true)

-- a kind of table that is not known: a function in FROM
SELECT id FROM all_tasks($1, $2)

-- search_candidates is not asked for the owner: a parameter that is not the owner
SELECT id FROM search_candidates($2, $1)

-- search_candidates is not asked for the owner: no owner
SELECT id FROM search_candidates()

-- search_candidates is not asked for the owner: a literal
SELECT id FROM search_candidates('0193a0b0-0000-7000-8000-000000000001', $2)

-- search_candidates is not asked for the owner: words from a table
SELECT id FROM search_candidates($1, (SELECT array_agg(title) FROM tasks))

-- tasks is not bound to the owner: candidates bind nothing
SELECT tasks.title FROM search_candidates($1, $2) found JOIN tasks ON tasks.id = found.id

-- pg_stats is not known: the catalogue keeps samples of everybody's rows
SELECT most_common_vals FROM pg_stats WHERE tablename = 'tasks'

-- not one statement: a second one behind the first
SELECT title FROM tasks WHERE owner_id = $1; DELETE FROM tasks

-- a kind of statement that is not known: no rows of anybody may leave so
COPY tasks TO STDOUT

-- a kind of statement that is not known: TRUNCATE minds no policy
TRUNCATE tasks

-- a kind of statement that is not known: the role that row-level security needs
RESET ROLE

-- a kind of table that is not known: an array made of other people's rows
SELECT given.id FROM unnest(ARRAY(SELECT id FROM tasks)) AS given (id)

-- tasks is not bound to the owner: parameters beside it bind nothing
SELECT title FROM tasks JOIN unnest($1::uuid[]) AS given (id) ON tasks.id = given.id

-- feed_epoch belongs to nobody: what is everybody's is not for an owner's statement to change
UPDATE feed_epoch SET epoch = $2

-- feed_epoch belongs to nobody: nor to delete
DELETE FROM feed_epoch

-- feed_epoch gets rows of another owner: nor to make
INSERT INTO feed_epoch (epoch) VALUES ($1)

-- o is not bound to the owner: a table of nobody binds none
SELECT o.revision FROM feed_epoch e CROSS JOIN owners o WHERE e.epoch = $1

-- tasks is not bound to the owner: several owners, and one's id finds another's row
SELECT tasks.title FROM unnest($1::uuid[], $2::uuid[]) AS asked (owner_id, id) JOIN tasks ON tasks.id = asked.id

-- tasks is not bound to the owner: not joined, but one of those who are named
SELECT title FROM tasks WHERE owner_id = ANY ($1)

-- tasks is not bound to the owner: the owners are another parameter
SELECT tasks.title FROM unnest($2::uuid[], $1::uuid[]) AS asked (owner_id, id)
JOIN tasks ON tasks.owner_id = asked.owner_id AND tasks.id = asked.id

-- tasks is not bound to the owner: the first column has another name
SELECT tasks.title FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, owner_id)
JOIN tasks ON tasks.owner_id = asked.owner_id AND tasks.id = asked.id

-- tasks is not bound to the owner: or anybody's
SELECT tasks.title FROM unnest($1::uuid[], $2::uuid[]) AS asked (owner_id, id)
JOIN tasks ON tasks.owner_id = asked.owner_id OR tasks.id = asked.id

-- t is not bound to the owner: a sub-select that is not the row's own
SELECT (SELECT t.rank FROM tasks t ORDER BY t.rank DESC LIMIT 1) FROM unnest($1::uuid[]) AS asked (owner_id)

-- two tables have one name: a table takes the name of the rows that came with the call
SELECT (SELECT asked.rank FROM tasks asked WHERE asked.owner_id = asked.owner_id LIMIT 1)
FROM unnest($1::uuid[]) AS asked (owner_id)

-- tasks gets rows of another owner: a column of the call that is not the owner
INSERT INTO tasks (owner_id, id) SELECT new.id, new.id FROM unnest($1::uuid[], $2::uuid[]) AS new (owner_id, id)

-- tasks gets rows of another owner: the owners are another parameter
INSERT INTO tasks (owner_id, id) SELECT new.owner_id, new.id FROM unnest($2::uuid[], $1::uuid[]) AS new (owner_id, id)

-- owners is not bound to the owner: everybody's row changes
UPDATE owners SET revision = new.revision FROM unnest($1::uuid[], $2::bigint[]) AS new (owner_id, revision)

-- find_tasks is not asked for the owner: the pairs the wrong way round
SELECT place, id FROM find_tasks($2, $1)

-- list_tasks is not asked for the owner: the ids in place of the owners
SELECT place, id FROM list_tasks($3, $2, $1, $4)
