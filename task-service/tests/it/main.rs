//! task-service as its callers and its database meet it: one binary, a module per subject.

mod harness;
mod isolation;
mod model;
mod sql_audit;
mod walls;
