//! The chassis over real sockets: HTTP/2 and HTTP/1 on loopback, against a service that does what the tests ask of it.
//! Every trap of tonic that was once measured has its test here.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, helpers included"
)]

mod address;
mod browser;
mod calls;
mod certificates;
mod connections;
mod database;
mod database_tls;
mod drain;
mod echo;
mod harness;
mod health;
mod kept_connections;
mod metrics;
mod panics;
mod reflection;
mod settings;
mod tls;
