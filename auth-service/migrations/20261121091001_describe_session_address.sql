-- The address of a session follows its refreshes.
COMMENT ON COLUMN sessions.ip_address IS 'Where the latest sign-in or refresh came from; may be empty.';
