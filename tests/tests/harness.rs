//! What every story needs: a running system, people, calls as browsers make them, and tools that may be missing.
//!
//! No assertion about Tandem belongs here.

mod binary;
mod environment;
pub(crate) mod grpc_web;
mod people;
mod ports;
mod python;
mod system;
mod tools;

pub(crate) use environment::{repository, target_dir};
pub(crate) use people::{Person, anonymous, bearing, new_email, reason};
pub(crate) use python::python;
pub(crate) use system::{System, can_build_web_app};
pub(crate) use tools::{Missing, find_program, say, skip, succeed};
