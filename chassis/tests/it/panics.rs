//! A handler that panics: the caller hears INTERNAL, and the log has the one line that says where, by its request id.

use std::process::Command;

use tonic::Code;

use crate::echo::SAY;
use crate::harness::{reason, start};

const REQUEST_ID: &str = "the-one-that-panics";

#[test]
fn a_panic_is_internal_to_its_caller_and_one_log_line_with_the_request_id() {
    // A process of its own: the log and the panic hook are the whole process's.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "panics::one_call_panics_in_this_process"])
        .args(["--ignored", "--nocapture"])
        .env("TANDEM_LOG", "info")
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success(),
        "{log}{}",
        String::from_utf8_lossy(&output.stdout)
    );

    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("nothing but the log is written there"))
        .collect();
    let errors: Vec<_> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    let [line] = errors[..] else {
        panic!("not one line: {log}")
    };
    assert_eq!(line["message"], "panicked");
    assert_eq!(line["span"]["request.id"], REQUEST_ID);
    assert_eq!(line["panic.message"], "as told");
    let place = line["panic.location"].as_str().unwrap();
    assert!(place.contains("echo.rs:"), "{place}");
}

#[tokio::test]
#[ignore = "the test above runs it, in a process of its own"]
async fn one_call_panics_in_this_process() {
    chassis::telemetry::init("chassis-test");
    let server = start().await;
    let answer = server
        .grpc_web(SAY, |request| request.header("x-request-id", REQUEST_ID), "panic")
        .await;
    let refusal = answer.readable_refusal();
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::Internal, "INTERNAL")
    );
    assert!(!refusal.message().contains("as told"), "{refusal:?}");
    assert_eq!(answer.header("x-request-id"), REQUEST_ID);
    server.stop().await.unwrap();
}
