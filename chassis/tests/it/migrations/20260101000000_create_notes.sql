-- A table for the tests of migrating.
CREATE TABLE notes (id bigint CONSTRAINT notes_pkey PRIMARY KEY);
