-- Devices that a person has signed in from.
CREATE TABLE devices (
    user_id       uuid        NOT NULL,
    token_hash    bytea       NOT NULL,
    create_time   timestamptz NOT NULL,
    last_use_time timestamptz NOT NULL,
    CONSTRAINT devices_pkey PRIMARY KEY (user_id, token_hash),
    CONSTRAINT devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT devices_token_hash_size CHECK (octet_length(token_hash) = 32)
);

COMMENT ON TABLE devices IS 'Devices that a person has signed in from, so that a stranger''s wrong guesses do not slow them down.';
COMMENT ON COLUMN devices.token_hash IS 'SHA-256 of the device token. Known to one person means nothing for another.';
COMMENT ON COLUMN devices.last_use_time IS 'The latest sign-in with it.';
