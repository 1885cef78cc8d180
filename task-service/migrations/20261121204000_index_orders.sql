-- An index for each order that had none, and none for the other direction: that one is read backwards, and the ids among
-- equal values are sorted then. Priorities and times are mostly wanted with the greatest first.
CREATE INDEX tasks_owner_id_priority_idx ON tasks (owner_id, priority DESC, id);
CREATE INDEX tasks_owner_id_title_order_idx ON tasks (owner_id, title_order, id);
CREATE INDEX tasks_owner_id_create_time_idx ON tasks (owner_id, create_time DESC, id);
