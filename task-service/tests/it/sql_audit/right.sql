-- a point read
SELECT title FROM tasks WHERE owner_id = $1 AND id = $2

-- the sides may change, and brackets mean nothing
SELECT title FROM tasks t WHERE (id = $2 AND ($1 = t.owner_id))

-- a join on the pair
SELECT t.title, c.complete_time FROM tasks t
JOIN task_completions c ON c.owner_id = t.owner_id AND c.task_id = t.id
WHERE t.owner_id = $1

-- the condition of a left join reaches the table it joins
SELECT t.title, c.complete_time FROM tasks t
LEFT JOIN task_completions c ON c.owner_id = $1 AND c.task_id = t.id
WHERE t.owner_id = $1

-- a subselect with an owner of its own
SELECT title FROM tasks
WHERE owner_id = $1 AND id IN (SELECT task_id FROM task_completions WHERE owner_id = $1)

-- both arms of a union
SELECT id FROM tasks WHERE owner_id = $1 UNION ALL SELECT id FROM task_completions WHERE owner_id = $1

-- a write that gathers three tables
WITH raised AS (UPDATE owners SET revision = revision + 1 WHERE owner_id = $1 RETURNING revision)
INSERT INTO task_completions (owner_id, id, task_id, revision, complete_time)
SELECT $1, $2, t.id, r.revision, $4 FROM tasks t CROSS JOIN raised r WHERE t.owner_id = $1 AND t.id = $3

-- rows of one owner
INSERT INTO owners (owner_id, revision) VALUES ($1, 0), ($1, 1) ON CONFLICT DO NOTHING

-- a conflict that meets the same owner
INSERT INTO owners AS o (owner_id, revision) VALUES ($1, 0)
ON CONFLICT (owner_id) DO UPDATE SET revision = o.revision WHERE o.owner_id = $1

-- a delete with a second table
DELETE FROM tasks t USING task_completions c
WHERE t.owner_id = $1 AND c.owner_id = t.owner_id AND c.task_id = t.id

-- rows that came with the call
INSERT INTO tasks (owner_id, id) SELECT $1, given.id FROM unnest($2::uuid[]) WITH ORDINALITY AS given (id, place)

-- what belongs to nobody, beside what is the owner's
SELECT e.epoch, o.revision FROM feed_epoch e LEFT JOIN owners o ON o.owner_id = $1

-- an array that is read and changed
UPDATE tasks SET labels = array_replace(array_remove(labels, $2), $3, $2)
WHERE owner_id = $1 AND array_position(labels, $3) > 1

-- the one function that may look for text
SELECT id, score FROM search_candidates($1, $2, $3, $4)

-- its answer beside a table that is bound by itself
SELECT tasks.title FROM search_candidates($1, $2) AS found JOIN tasks ON tasks.id = found.id WHERE tasks.owner_id = $1

-- several owners, each joined by its own pair
SELECT tasks.title FROM unnest($1::uuid[], $2::uuid[]) AS asked (owner_id, id)
JOIN tasks ON tasks.owner_id = asked.owner_id AND tasks.id = asked.id

-- several owners, with what may be missing, and the last of each
SELECT (SELECT t.rank FROM tasks t WHERE t.owner_id = asked.owner_id ORDER BY t.rank DESC LIMIT 1), r.method
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (owner_id, request_id, place)
LEFT JOIN requests r ON r.owner_id = asked.owner_id AND r.request_id = asked.request_id

-- rows of several owners
INSERT INTO tasks (owner_id, id) SELECT new.owner_id, new.id FROM unnest($1::uuid[], $2::uuid[]) AS new (owner_id, id)

-- rows of several owners that change
UPDATE owners SET revision = new.revision FROM unnest($1::uuid[], $2::bigint[]) AS new (owner_id, revision)
WHERE owners.owner_id = new.owner_id

-- locks of several owners, and no waiting
SELECT owners.revision FROM unnest($1::uuid[]) AS asked (owner_id) JOIN owners ON owners.owner_id = asked.owner_id
FOR UPDATE OF owners SKIP LOCKED

-- the function that finds tasks of several owners
SELECT place, id FROM find_tasks($1, $2)

-- the function that lists tasks of several owners
SELECT place, id FROM list_tasks($1, $2, $3, $4)
