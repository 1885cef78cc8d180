//! The example service of docs/examples, as it stands there, against the pair.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use proto::auth::v1::SignOutRequest;
use proto::tasks::v1::CompleteTaskRequest;

use crate::clients::generate;
use crate::harness::{Person, REPORTS_SECRET, System, python, repository, skip};

#[tokio::test]
async fn a_service_in_python_reads_a_persons_tasks_with_that_persons_help() {
    let bin = match python().await {
        Ok(bin) => bin,
        Err(missing) => return skip(missing),
    };
    let system = System::shared().await;
    let generated = tempfile::tempdir().unwrap();
    generate(&bin, generated.path()).unwrap_or_else(|complaint| panic!("{complaint}"));
    let service = Digest::start(&bin, generated.path(), &system);

    let (ann, bob) = (
        Person::sign_up(&system, "ann").await,
        Person::sign_up(&system, "bob").await,
    );
    assert_eq!(
        service.asked(&ann.session.access_token).await,
        (StatusCode::OK, "Nothing to do.\n".to_owned())
    );
    ann.adds(&system, "Water the plants").await;
    let done = ann.adds(&system, "Buy bread").await;
    bob.adds(&system, "Nobody else's business").await;
    let complete = CompleteTaskRequest {
        id: done.id,
        ..Default::default()
    };
    let completed = system.task_service().complete_task(ann.asks(complete)).await;
    completed.expect("hers to complete");
    assert_eq!(
        service.asked(&ann.session.access_token).await,
        (StatusCode::OK, "some day  Water the plants\n".to_owned())
    );

    assert_eq!(service.asked("no-token").await.0, StatusCode::UNAUTHORIZED);
    // The exchanged token is kept, and ends with her session all the same.
    let sign_out = SignOutRequest {
        refresh_token: ann.session.refresh_token.clone(),
    };
    system
        .auth_service()
        .sign_out(sign_out)
        .await
        .expect("signed out");
    for _ in 0..100 {
        if service.asked(&ann.session.access_token).await.0 == StatusCode::UNAUTHORIZED {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("a service reads on for somebody who has signed out");
}

/// The example, running; ended when dropped.
struct Digest {
    process: Child,
    url: String,
}

impl Digest {
    fn start(bin: &Path, generated: &Path, system: &System) -> Self {
        let mut process = Command::new(bin.join("python"))
            .arg(repository().join("docs/examples/digest/digest.py"))
            .env("PYTHONPATH", generated)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DIGEST_ADDR", "127.0.0.1:0")
            .env("DIGEST_CREDENTIAL", format!("reports:{REPORTS_SECRET}"))
            .env("TANDEM_AUTH_ADDR", system.auth.to_string())
            .env("TANDEM_TASKS_ADDR", system.tasks.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let mut url = String::new();
        let said = process.stdout.take().expect("piped");
        BufReader::new(said)
            .read_line(&mut url)
            .expect("it says where it is");
        assert!(url.starts_with("http://"), "{url}");
        Self {
            process,
            url: url.trim().to_owned(),
        }
    }

    async fn asked(&self, token: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(Method::GET)
            .uri(&self.url)
            .header("authorization", format!("Bearer {token}"))
            .body(Empty::<bytes::Bytes>::new())
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.expect("an answer");
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a whole body")
            .to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

impl Drop for Digest {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
