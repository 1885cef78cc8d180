-- What has been tried too often. Many writes to few rows, hence room in each page for new versions of its rows.
CREATE TABLE throttles (
    kind        text          NOT NULL,
    key         bytea         NOT NULL,
    counted     timestamptz[] NOT NULL,
    reserved    timestamptz[] NOT NULL,
    expire_time timestamptz   NOT NULL,
    CONSTRAINT throttles_pkey PRIMARY KEY (kind, key),
    CONSTRAINT throttles_kind_known CHECK (kind IN (
        'password_account', 'password_device', 'password_person', 'password_address', 'sign_up_address',
        'mail_target', 'mail_address', 'code_address', 'secret_address'
    )),
    CONSTRAINT throttles_key_size CHECK (octet_length(key) = 32)
) WITH (fillfactor = 50);

CREATE INDEX throttles_expire_time_idx ON throttles (expire_time);

COMMENT ON TABLE throttles IS 'What has been tried lately, by whom and at whom, so that it is not tried too often. Rows live for minutes.';
COMMENT ON COLUMN throttles.kind IS 'What is counted, and by what.';
COMMENT ON COLUMN throttles.key IS 'SHA-256 of what it is counted by: an email key, a network, a person, or a person and their device.';
COMMENT ON COLUMN throttles.counted IS 'For each attempt that counts, when it stops to.';
COMMENT ON COLUMN throttles.reserved IS 'The same for each attempt that is being made. One that is never settled counts like a failure.';
COMMENT ON COLUMN throttles.expire_time IS 'When nothing counts any more.';
