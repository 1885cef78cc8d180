//! The whole, from outside: `tandem up` as a process, and everybody who uses it.
//!
//! What one service does by itself is tested in that service's crate; here stand the seams. `harness` starts things and
//! gives names to people, every other module is a story. `import_law`, `data_model`, `documents` and
//! `guide` keep what is written true.

mod browser;
mod clients;
mod data_model;
mod deletion;
mod description;
mod documents;
mod examples;
mod faults;
mod guide;
mod harness;
mod import_law;
mod offline_build;
mod pair;
mod replicas;
mod revocations;
mod rotation;
mod services;
mod snippets;
mod tour;
mod verifier;
mod web_origin;
