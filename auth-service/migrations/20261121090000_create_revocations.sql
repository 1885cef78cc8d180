-- Which sessions ended before their access tokens did, in the order in which that was committed.
CREATE TABLE revocation_cursor (
    only_row boolean NOT NULL DEFAULT true,
    epoch    uuid    NOT NULL DEFAULT gen_random_uuid(),
    number   bigint  NOT NULL DEFAULT 0,
    floor    bigint  NOT NULL DEFAULT 0,
    CONSTRAINT revocation_cursor_pkey PRIMARY KEY (only_row),
    CONSTRAINT revocation_cursor_one_row CHECK (only_row),
    CONSTRAINT revocation_cursor_floor_reached CHECK (0 <= floor AND floor <= number)
);
INSERT INTO revocation_cursor DEFAULT VALUES;

COMMENT ON TABLE revocation_cursor IS 'How far the revocations go. Raised by the last statement before a commit: its lock makes the order of numbers the order of commits, which a sequence would not.';
COMMENT ON COLUMN revocation_cursor.epoch IS 'Names this database, so that a cursor of another one is not taken for one of its own.';
COMMENT ON COLUMN revocation_cursor.number IS 'The number of the newest revocation.';
COMMENT ON COLUMN revocation_cursor.floor IS 'Revocations up to this number may have been deleted, because they expired.';

CREATE TABLE revocations (
    number      bigint      NOT NULL,
    session_id  uuid        NOT NULL,
    create_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL,
    CONSTRAINT revocations_pkey PRIMARY KEY (number),
    CONSTRAINT revocations_session_id_unique UNIQUE (session_id),
    CONSTRAINT revocations_ends_later CHECK (expire_time > create_time)
);
CREATE INDEX revocations_expire_time_idx ON revocations (expire_time);

COMMENT ON TABLE revocations IS 'Sessions that ended before their access tokens did. Ids only, no reference: a row outlives the session and the person.';
COMMENT ON COLUMN revocations.number IS 'Its place in the order of commits, without gaps.';
COMMENT ON COLUMN revocations.session_id IS 'The sid of the tokens that must be refused.';
COMMENT ON COLUMN revocations.create_time IS 'When the session was ended.';
COMMENT ON COLUMN revocations.expire_time IS 'When the last token of the session has expired, and the row may go.';
