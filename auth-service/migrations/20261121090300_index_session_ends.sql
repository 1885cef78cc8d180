-- For the background job that deletes sessions which are over.
CREATE INDEX sessions_over_idx ON sessions (least(end_time, idle_expire_time));

COMMENT ON TABLE sessions IS 'One signed-in device each. A row that is over is deleted a day later.';
