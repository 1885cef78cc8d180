-- What happened to accounts: written once, never changed.
CREATE TABLE security_events (
    id          uuid        NOT NULL,
    user_id     uuid,
    kind        text        NOT NULL,
    session_id  uuid,
    ip_address  text        NOT NULL,
    user_agent  text        NOT NULL,
    actor       text        NOT NULL,
    create_time timestamptz NOT NULL,
    CONSTRAINT security_events_pkey PRIMARY KEY (id),
    CONSTRAINT security_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT security_events_kind_form CHECK (kind ~ '^[a-z][a-z_]{2,39}$'),
    CONSTRAINT security_events_ip_address_size CHECK (octet_length(ip_address) <= 45),
    CONSTRAINT security_events_user_agent_size CHECK (octet_length(user_agent) <= 256),
    CONSTRAINT security_events_actor_size CHECK (octet_length(actor) <= 80)
);

CREATE INDEX security_events_user_id_id_idx ON security_events (user_id, id);
CREATE INDEX security_events_create_time_idx ON security_events (create_time);

COMMENT ON TABLE security_events IS 'What happened to accounts: written once, never changed, deleted after a configured time. Holds no secret.';
COMMENT ON COLUMN security_events.id IS 'UUIDv7, so that the order of ids is the order of events.';
COMMENT ON COLUMN security_events.user_id IS 'Whose account; null when none is concerned, such as a guess at an unknown email.';
COMMENT ON COLUMN security_events.kind IS 'What happened: a name of SecurityEvent.Kind in lower case, without its prefix.';
COMMENT ON COLUMN security_events.session_id IS 'The session that did it or that it was done to. No reference: the event outlives the session.';
COMMENT ON COLUMN security_events.ip_address IS 'Where the call came from; may be empty.';
COMMENT ON COLUMN security_events.user_agent IS 'What the client called itself, cut to 256 bytes; may be empty.';
COMMENT ON COLUMN security_events.actor IS 'Who did it when it was not the person: an administrator''s id, service:NAME or operator; else empty.';
