-- Tokens that services were given.
CREATE TABLE service_tokens (
    jti         uuid        NOT NULL,
    service     text        NOT NULL,
    audience    text        NOT NULL,
    scope       text        NOT NULL,
    user_id     uuid,
    session_id  uuid,
    create_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL,
    CONSTRAINT service_tokens_pkey PRIMARY KEY (jti),
    CONSTRAINT service_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT service_tokens_service_size CHECK (octet_length(service) BETWEEN 1 AND 64),
    CONSTRAINT service_tokens_audience_known CHECK (audience IN ('tandem.auth', 'tandem.tasks')),
    CONSTRAINT service_tokens_person_in_session CHECK ((user_id IS NULL) = (session_id IS NULL))
);

CREATE INDEX service_tokens_user_id_idx ON service_tokens (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX service_tokens_expire_time_idx ON service_tokens (expire_time);

COMMENT ON TABLE service_tokens IS 'Tokens that services were given. At auth-service a token of a service counts only if it is recorded here. Gone some time after they expired.';
COMMENT ON COLUMN service_tokens.jti IS 'The jti of the token.';
COMMENT ON COLUMN service_tokens.service IS 'The service that got it.';
COMMENT ON COLUMN service_tokens.audience IS 'Where it is good.';
COMMENT ON COLUMN service_tokens.scope IS 'What it allows, as the token says it. This is what counts, so that the jti of a small token is worth nothing in a forged one.';
COMMENT ON COLUMN service_tokens.user_id IS 'The person that the service acts for; null means that it acts for itself.';
COMMENT ON COLUMN service_tokens.session_id IS 'The sid of the token: the session of the person''s own token, or the jti where there was none (impersonation). To revoke all that services do for a person, revoke these beside the person''s sessions.';
COMMENT ON COLUMN service_tokens.expire_time IS 'When it stops working.';
