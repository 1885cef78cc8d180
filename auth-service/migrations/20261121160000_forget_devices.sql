-- Devices are forgotten when nobody has signed in with them for long.
CREATE INDEX devices_last_use_time_idx ON devices (last_use_time);
