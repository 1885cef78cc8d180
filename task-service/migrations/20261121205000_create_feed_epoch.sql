-- Which life of the database a sync token was made in. The row is written by the service at its start.
CREATE TABLE feed_epoch (
    only_row          boolean NOT NULL DEFAULT true,
    epoch             uuid    NOT NULL,
    system_identifier bigint  NOT NULL,
    database_oid      bigint  NOT NULL,
    CONSTRAINT feed_epoch_pkey PRIMARY KEY (only_row),
    CONSTRAINT feed_epoch_one_row CHECK (only_row)
);

COMMENT ON TABLE feed_epoch IS 'Names this life of the database: in a restored one a revision may count something else.';
COMMENT ON COLUMN feed_epoch.epoch IS 'Every sync token names it. A new one ends all tokens, and everybody syncs from the beginning.';
COMMENT ON COLUMN feed_epoch.system_identifier IS 'The cluster in which the epoch began. In another one the epoch is over.';
COMMENT ON COLUMN feed_epoch.database_oid IS 'The database in which the epoch began. In another one the epoch is over.';

GRANT SELECT (epoch) ON feed_epoch TO tandem_tasks_person;
GRANT SELECT, INSERT, UPDATE ON feed_epoch TO tandem_tasks_housekeeping;
