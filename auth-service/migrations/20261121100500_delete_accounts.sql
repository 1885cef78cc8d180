-- Accounts are deleted: here first, then at task-service.
ALTER TABLE users ADD COLUMN purge_time timestamptz;
ALTER TABLE users ADD CONSTRAINT users_purge_time_later CHECK (purge_time >= create_time) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_purge_time_later;
CREATE INDEX users_purge_time_idx ON users (purge_time) WHERE purge_time IS NOT NULL;

COMMENT ON COLUMN users.purge_time IS 'When the account goes for good; null unless its deletion is pending. Once it has come, the background job deletes the row with all that refers to it.';

CREATE TABLE purges (
    user_id           uuid        NOT NULL,
    purge_time        timestamptz NOT NULL,
    attempts          integer     NOT NULL,
    next_attempt_time timestamptz NOT NULL,
    CONSTRAINT purges_pkey PRIMARY KEY (user_id),
    CONSTRAINT purges_attempts_counts CHECK (attempts >= 0)
);

CREATE INDEX purges_next_attempt_time_idx ON purges (next_attempt_time);

COMMENT ON TABLE purges IS 'Deleted accounts that task-service may still hold something of. A row is written when the account goes and is gone when task-service says that it holds nothing. Ids only, no reference: the person is gone.';
COMMENT ON COLUMN purges.user_id IS 'The id that the person had, which is the owner in task-service.';
COMMENT ON COLUMN purges.purge_time IS 'Since when the account was to be gone.';
COMMENT ON COLUMN purges.attempts IS 'How often task-service was asked since it last answered.';
COMMENT ON COLUMN purges.next_attempt_time IS 'When it is asked next. Whoever asks moves it on first, so that no two do at once.';

-- For finding the mails that were asked for with the email of somebody who goes.
CREATE INDEX mails_asked_key_idx ON mails (asked_key) WHERE asked_key IS NOT NULL;

-- For taking the id of a deleted administrator out of what was done to others.
CREATE INDEX security_events_actor_idx ON security_events (actor) WHERE actor <> '';

COMMENT ON COLUMN security_events.actor IS 'Who did it when it was not the person: an administrator''s id, service:NAME or operator, or deleted for an administrator who is gone; else empty.';
