-- Sessions and their chains of refresh tokens.
CREATE TABLE sessions (
    id               uuid        NOT NULL,
    user_id          uuid        NOT NULL,
    generation       integer     NOT NULL,
    user_agent       text        NOT NULL,
    ip_address       text        NOT NULL,
    create_time      timestamptz NOT NULL,
    last_use_time    timestamptz NOT NULL,
    idle_expire_time timestamptz NOT NULL,
    expire_time      timestamptz NOT NULL,
    end_time         timestamptz,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_generation_counts CHECK (generation >= 0),
    CONSTRAINT sessions_user_agent_size CHECK (octet_length(user_agent) <= 256),
    CONSTRAINT sessions_ip_address_size CHECK (octet_length(ip_address) <= 45),
    CONSTRAINT sessions_idle_within_life CHECK (idle_expire_time <= expire_time)
);

CREATE INDEX sessions_user_id_idx ON sessions (user_id);

COMMENT ON TABLE sessions IS 'One signed-in device each. A row that has ended is kept until it would have expired.';
COMMENT ON COLUMN sessions.generation IS 'The generation of the newest refresh token. A refresh locks this row, so it is the one source of the order.';
COMMENT ON COLUMN sessions.user_agent IS 'What the client called itself at sign-in, cut to 256 bytes; may be empty.';
COMMENT ON COLUMN sessions.ip_address IS 'Where the sign-in came from; may be empty.';
COMMENT ON COLUMN sessions.last_use_time IS 'The latest sign-in or refresh.';
COMMENT ON COLUMN sessions.idle_expire_time IS 'When the session ends if it is not refreshed before; never after expire_time.';
COMMENT ON COLUMN sessions.expire_time IS 'When the session ends however much it is used.';
COMMENT ON COLUMN sessions.end_time IS 'When it was ended by sign-out or by reuse of a refresh token; null means it was not.';

CREATE TABLE refresh_tokens (
    token_hash     bytea       NOT NULL,
    session_id     uuid        NOT NULL,
    generation     integer     NOT NULL,
    successor_salt bytea,
    create_time    timestamptz NOT NULL,
    use_time       timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_session_id_generation_unique UNIQUE (session_id, generation),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_token_hash_size CHECK (octet_length(token_hash) = 32),
    CONSTRAINT refresh_tokens_successor_salt_size CHECK (octet_length(successor_salt) = 32),
    CONSTRAINT refresh_tokens_used_with_salt CHECK ((use_time IS NULL) = (successor_salt IS NULL))
);

COMMENT ON TABLE refresh_tokens IS 'Every refresh token of a session, used ones too: a used one must be recognised when it comes again.';
COMMENT ON COLUMN refresh_tokens.token_hash IS 'SHA-256 of the token. The token itself is never stored.';
COMMENT ON COLUMN refresh_tokens.generation IS 'Its place in the chain, from 0. Unique per session, so a token has one successor whatever races.';
COMMENT ON COLUMN refresh_tokens.successor_salt IS 'The successor is HMAC-SHA256 of the token under this key; null until the first use.';
COMMENT ON COLUMN refresh_tokens.use_time IS 'The first use. Later ones do not move it.';
