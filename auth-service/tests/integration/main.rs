//! The service as its callers meet it: served on a port of its own, over a real Postgres, with a clock that the test
//! moves. One binary, so that one cluster and one link serve all.

mod harness;

mod account_callers;
mod admin;
mod change_password;
mod cookies;
mod delete_user;
mod email;
mod export_user;
mod faults;
mod flood;
mod gathering;
mod get_user;
mod hashes_from_elsewhere;
mod issue_service_token;
mod list_public_keys;
mod list_sessions;
mod logs;
mod migrations;
mod operator;
mod passwords;
mod process;
mod races;
mod refresh_session;
mod revoke_session;
mod security_events;
mod service_callers;
mod session_limit;
mod sign_in;
mod sign_out;
mod sign_up;
mod throttles;
mod timing;
mod update_user;
mod watch_revocations;
