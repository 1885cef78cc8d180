//! What the service writes about its callers: nothing that is theirs.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{PASSWORD, REPORTS, Service, WATCHER, sign_up};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Page {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn emails_passwords_and_tokens_are_never_logged() {
    let page = Page::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_writer(page.clone())
        .finish();
    // This test's runtime is one thread, so the guard sees all of its service and nothing of the other tests.
    let _guard = tracing::subscriber::set_default(subscriber);
    let service = Service::start().await;
    let mut ann = service.person("ann.of.the.logs@example.org").await;
    let first = ann.session.clone();
    ann.refresh().await.expect("refreshed");
    service
        .sign_in("ann.of.the.logs@example.org", "a wrong password")
        .await
        .expect_err("wrong");
    service
        .auth()
        .sign_up(sign_up("ann.of.the.logs@example.org"))
        .await
        .expect_err("taken");
    let watchers = service.service_token(WATCHER, "tandem.auth").await;
    let mut confused = REPORTS.asks_for(&first.access_token);
    confused.secret = WATCHER.secret.to_owned();
    service.issue(confused).await.expect_err("another's secret");
    service.database.pool().close().await;
    sqlx::query("DROP TABLE devices")
        .execute(&fresh_pool(&service).await)
        .await
        .expect("broken");
    service
        .sign_in("ann.of.the.logs@example.org", PASSWORD)
        .await
        .expect_err("an internal error, with its source");

    let page = String::from_utf8(page.0.lock().expect("no panic").clone()).expect("UTF-8");
    assert!(
        page.contains("devices"),
        "the source of the internal error is there: {page}"
    );
    for secret in [
        "ann.of.the.logs",
        PASSWORD,
        "a wrong password",
        &first.refresh_token,
        &first.access_token,
        &first.device_token,
        &ann.session.refresh_token,
        "$argon2id$",
        &watchers,
        WATCHER.secret,
        REPORTS.secret,
    ] {
        assert!(!page.contains(secret), "{secret} in {page}");
    }
}

async fn fresh_pool(service: &Service) -> sqlx::PgPool {
    sqlx::PgPool::connect(&service.database.url())
        .await
        .expect("connected")
}
