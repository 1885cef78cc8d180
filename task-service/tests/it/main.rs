//! task-service as its callers and its database meet it: one binary, a module per subject.

mod batches;
mod callers;
mod changes;
mod create_task;
mod faults;
mod filters;
mod harness;
mod housekeeping;
mod isolation;
mod labels;
mod list_tasks;
mod list_trash;
mod lists;
mod model;
mod move_task;
mod purge_owner;
mod purge_trash;
mod races;
mod sql_audit;
mod state_changes;
mod transfer;
mod trash;
mod trash_model;
mod update_task;
mod usage;
mod walls;
