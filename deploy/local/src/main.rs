//! The binary behind `cargo run`.
fn main() {}
