CREATE TABLE things (id integer CONSTRAINT things_pkey PRIMARY KEY);
INSERT INTO things VALUES (1);
