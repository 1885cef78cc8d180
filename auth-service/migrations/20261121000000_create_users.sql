-- People with an account.
CREATE TABLE users (
    id             uuid        NOT NULL,
    email          text        NOT NULL,
    email_key      text        COLLATE "C" NOT NULL,
    password_hash  text        NOT NULL,
    display_name   text        NOT NULL,
    role           text        NOT NULL,
    email_verified boolean     NOT NULL,
    disable_time   timestamptz,
    create_time    timestamptz NOT NULL,
    update_time    timestamptz NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key_unique UNIQUE (email_key),
    CONSTRAINT users_email_size CHECK (octet_length(email) BETWEEN 3 AND 254),
    CONSTRAINT users_display_name_size CHECK (char_length(display_name) <= 100),
    CONSTRAINT users_password_hash_argon2id CHECK (password_hash LIKE '$argon2id$%'),
    CONSTRAINT users_role_known CHECK (role IN ('user', 'admin'))
);

COMMENT ON TABLE users IS 'People with an account.';
COMMENT ON COLUMN users.id IS 'UUIDv7. The sub of the person''s access tokens, and the owner in task-service.';
COMMENT ON COLUMN users.email IS 'As the person typed it. Mail goes to this spelling only.';
COMMENT ON COLUMN users.email_key IS 'The email after Unicode NFC and case folding. Whoever matches emails matches this.';
COMMENT ON COLUMN users.password_hash IS 'Argon2id in PHC form, with its own parameters and salt.';
COMMENT ON COLUMN users.display_name IS 'What to call the person; may be empty.';
COMMENT ON COLUMN users.role IS 'user or admin.';
COMMENT ON COLUMN users.email_verified IS 'Whether the person has shown that the email is theirs.';
COMMENT ON COLUMN users.disable_time IS 'Since when an administrator keeps the person out; null means enabled.';
