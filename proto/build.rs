//! Compiles the .proto files with protox, so that no protoc is needed, and keeps the descriptor set for reflection.

use std::path::Path;
use std::{env, error::Error, fs};

use prost::Message as _;

const ROOTS: [&str; 19] = [
    "google/rpc/error_details.proto",
    "tandem/auth/v1/account_service.proto",
    "tandem/auth/v1/admin_service.proto",
    "tandem/auth/v1/auth_service.proto",
    "tandem/auth/v1/key_service.proto",
    "tandem/auth/v1/revocation_service.proto",
    "tandem/auth/v1/security_event.proto",
    "tandem/auth/v1/service_token_service.proto",
    "tandem/auth/v1/user.proto",
    "tandem/errors/v1/error_reason.proto",
    "tandem/tasks/v1/change_service.proto",
    "tandem/tasks/v1/label_service.proto",
    "tandem/tasks/v1/list.proto",
    "tandem/tasks/v1/list_service.proto",
    "tandem/tasks/v1/owner_service.proto",
    "tandem/tasks/v1/task.proto",
    "tandem/tasks/v1/task_service.proto",
    "tandem/tasks/v1/transfer_service.proto",
    "tandem/tasks/v1/usage_service.proto",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its output folder in the environment only"
)]
fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["google", "tandem"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let descriptors = protox::Compiler::new(["."])?
        .include_imports(true)
        .include_source_info(true)
        .open_files(ROOTS)?
        .file_descriptor_set();
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(
        Path::new(&out).join("descriptors.bin"),
        descriptors.encode_to_vec(),
    )?;
    tonic_prost_build::configure()
        // The same types as in tonic-types, so that a detail is encoded in one place only.
        .extern_path(".google.rpc", "::tonic_types::pb")
        .compile_fds(descriptors)?;
    Ok(())
}
