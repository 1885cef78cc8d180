-- A sign-in that is one statement has to count sessions after it has locked the person's row. The statement itself sees
-- what was there when it began; a volatile function sees what is there when it is called.
CREATE FUNCTION live_sessions(person uuid, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT count(*) FROM sessions
            WHERE user_id = person AND end_time IS NULL AND idle_expire_time > moment);
END
$$;

COMMENT ON FUNCTION live_sessions IS 'How many sessions of a person live at that moment, counted at the time of the call and not of the statement that calls: a sign-in counts behind its lock on the person''s row.';
