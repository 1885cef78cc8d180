//! What every story needs: a running system, people, calls as browsers make them, and tools that may be missing.
//!
//! What Tandem must do is said by the stories and never here.

mod binary;
mod environment;
pub(crate) mod grpc_web;
mod grpcurl;
mod node;
mod people;
mod ports;
mod processes;
mod python;
mod refusal;
mod replicas;
mod sources;
mod system;
mod tools;
mod two_of_each;

pub(crate) use environment::{repository, target_dir};
pub(crate) use grpcurl::path_with_grpcurl;
pub(crate) use node::{node, web_packages};
pub(crate) use people::{Person, anonymous, bearing, new_email};
pub(crate) use processes::Part;
pub(crate) use python::python;
pub(crate) use refusal::assert_refused;
pub(crate) use replicas::Replicas;
pub(crate) use sources::{each_entry, files_below};
pub(crate) use system::{CLEANER_SECRET, REPORTS_SECRET, System};
pub(crate) use tools::{Missing, find_program, say, skip, succeed};
pub(crate) use two_of_each::{Both, Keys, TwoOfEach};
