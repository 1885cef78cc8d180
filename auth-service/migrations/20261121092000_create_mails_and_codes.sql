-- Mails that are to be sent, and the codes that they carry.
CREATE TABLE mails (
    id                uuid        NOT NULL,
    kind              text        NOT NULL,
    user_id           uuid,
    asked_key         text        COLLATE "C",
    address           text,
    password_hash     text,
    display_name      text,
    user_agent        text        NOT NULL,
    ip_address        text        NOT NULL,
    attempts          integer     NOT NULL,
    create_time       timestamptz NOT NULL,
    next_attempt_time timestamptz,
    send_time         timestamptz,
    last_error        text        NOT NULL,
    CONSTRAINT mails_pkey PRIMARY KEY (id),
    CONSTRAINT mails_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT mails_kind_form CHECK (kind ~ '^[a-z][a-z_]{2,39}$'),
    CONSTRAINT mails_for_somebody CHECK (num_nonnulls(user_id, asked_key) = 1),
    CONSTRAINT mails_person_has_address CHECK ((user_id IS NULL) = (address IS NULL)),
    CONSTRAINT mails_address_size CHECK (octet_length(address) BETWEEN 3 AND 254),
    CONSTRAINT mails_password_hash_size CHECK (octet_length(password_hash) <= 400),
    CONSTRAINT mails_display_name_size CHECK (char_length(display_name) <= 100),
    CONSTRAINT mails_user_agent_size CHECK (octet_length(user_agent) <= 256),
    CONSTRAINT mails_ip_address_size CHECK (octet_length(ip_address) <= 45),
    CONSTRAINT mails_last_error_size CHECK (octet_length(last_error) <= 500),
    CONSTRAINT mails_attempts_counts CHECK (attempts >= 0),
    CONSTRAINT mails_sent_once CHECK (send_time IS NULL OR next_attempt_time IS NULL)
);

CREATE INDEX mails_user_id_idx ON mails (user_id);
CREATE INDEX mails_next_attempt_time_idx ON mails (next_attempt_time) WHERE next_attempt_time IS NOT NULL;
CREATE INDEX mails_create_time_idx ON mails (create_time);

COMMENT ON TABLE mails IS 'Mails, written in the transaction of what they tell of and sent afterwards. Holds no code: the sender makes it, stores its hash in codes, and forgets it.';
COMMENT ON COLUMN mails.kind IS 'What it is about, such as password_reset.';
COMMENT ON COLUMN mails.user_id IS 'Whose it is; null until the sender has looked who has the email that was asked for. Where nobody has, the row goes.';
COMMENT ON COLUMN mails.asked_key IS 'The key of an email that somebody asked a mail for; null once it is known whose it is. A call that may not tell who has an account writes this and looks at nothing.';
COMMENT ON COLUMN mails.address IS 'Where it goes: the stored spelling, never that of a request. Null as long as user_id is.';
COMMENT ON COLUMN mails.password_hash IS 'The hash of the password that a sign-up chose, which its code is bound to; null once it is sent or given up, and for all other mails.';
COMMENT ON COLUMN mails.display_name IS 'The name that a sign-up chose, likewise.';
COMMENT ON COLUMN mails.user_agent IS 'What the client called itself that caused the mail; may be empty.';
COMMENT ON COLUMN mails.ip_address IS 'Where the call came from that caused the mail; may be empty.';
COMMENT ON COLUMN mails.attempts IS 'How often sending was begun.';
COMMENT ON COLUMN mails.next_attempt_time IS 'When it is tried next. Whoever tries moves it on first, so that no two do at once. Null when it was sent or given up.';
COMMENT ON COLUMN mails.send_time IS 'When the mail server took it; null until then.';
COMMENT ON COLUMN mails.last_error IS 'Why the latest attempt failed, without addresses; else empty.';

CREATE TABLE codes (
    code_hash     bytea       NOT NULL,
    mail_id       uuid        NOT NULL,
    purpose       text        NOT NULL,
    user_id       uuid        NOT NULL,
    address       text        NOT NULL,
    address_key   text        COLLATE "C" NOT NULL,
    password_hash text,
    display_name  text,
    create_time   timestamptz NOT NULL,
    expire_time   timestamptz NOT NULL,
    CONSTRAINT codes_pkey PRIMARY KEY (code_hash),
    CONSTRAINT codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT codes_mail_id_fkey FOREIGN KEY (mail_id) REFERENCES mails (id) ON DELETE CASCADE,
    CONSTRAINT codes_code_hash_size CHECK (octet_length(code_hash) = 32),
    CONSTRAINT codes_purpose_known CHECK (purpose IN ('verify_email', 'reset_password', 'change_email')),
    CONSTRAINT codes_bound_for_sign_up CHECK (password_hash IS NULL OR purpose = 'verify_email'),
    CONSTRAINT codes_name_with_password CHECK ((password_hash IS NULL) = (display_name IS NULL))
);

CREATE INDEX codes_user_id_idx ON codes (user_id);
CREATE INDEX codes_mail_id_idx ON codes (mail_id);
CREATE INDEX codes_expire_time_idx ON codes (expire_time);

COMMENT ON TABLE codes IS 'Codes that were mailed and may be used. A used or replaced one is gone.';
COMMENT ON COLUMN codes.code_hash IS 'SHA-256 of the code. The code itself is never stored.';
COMMENT ON COLUMN codes.mail_id IS 'The mail that carries it. A mail that is tried again carries another; both count, since the first may have arrived.';
COMMENT ON COLUMN codes.purpose IS 'What it is good for, and for nothing else.';
COMMENT ON COLUMN codes.address IS 'The address that it was mailed to, as typed. It shows that this address is the person''s and no other.';
COMMENT ON COLUMN codes.address_key IS 'The same after Unicode NFC and case folding.';
COMMENT ON COLUMN codes.password_hash IS 'The password of the sign-up that it was mailed for, in verified mode; the account gets it when the code is used. Null for all other codes.';
COMMENT ON COLUMN codes.display_name IS 'The name of that sign-up, likewise.';
COMMENT ON COLUMN codes.expire_time IS 'When it stops working.';
