//! A client in another language, made from the .proto files alone, as a reader of the contract would make it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{System, python, repository, skip, succeed};

#[tokio::test]
async fn a_python_client_signs_up_keeps_tasks_and_reads_refusals() {
    let bin = match python().await {
        Ok(bin) => bin,
        Err(missing) => return skip(missing),
    };
    let system = System::shared().await;
    let generated = tempfile::tempdir().unwrap();
    generate(&bin, generated.path()).unwrap_or_else(|complaint| panic!("{complaint}"));
    let mut client = Command::new(bin.join("python"));
    client
        .arg(repository().join("tests/clients/python/client.py"))
        .args([system.auth.to_string(), system.tasks.to_string()])
        .env("PYTHONPATH", generated.path())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let said = succeed(&mut client).unwrap_or_else(|complaint| panic!("{complaint}"));
    assert!(said.ends_with("all good\n"), "{said}");
}

/// What the client's own file says to do, done.
pub(crate) fn generate(bin: &Path, out: &Path) -> Result<String, String> {
    let proto = repository().join("proto");
    let mut files = Vec::new();
    find_protos(&proto.join("tandem"), &mut files);
    let mut protoc = Command::new(bin.join("python"));
    protoc.args(["-m", "grpc_tools.protoc", "-I"]).arg(&proto);
    for flag in ["--python_out=", "--grpc_python_out="] {
        protoc.arg(format!("{flag}{}", out.display()));
    }
    succeed(protoc.args(files))
}

fn find_protos(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the contract can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            find_protos(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
}
