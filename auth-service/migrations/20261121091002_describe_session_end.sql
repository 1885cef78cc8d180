-- Sessions end in more ways than two.
COMMENT ON COLUMN sessions.end_time IS 'When it was ended: by its owner, by an administrator, by reuse of a refresh token, or by one sign-in too many; null means it was not.';
