-- Confirmations of the password are counted by session.
COMMENT ON COLUMN throttles.key IS 'SHA-256 of what it is counted by: an email key, a network, a session, or a person and their device.';
