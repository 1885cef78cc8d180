//! The web origin alone: what it serves, what it lets a browser do, and what it says when a service is away.

use std::process::Child;

use crate::system::{Place, free_addr, http, until};

/// `tandem web` before services that are not there.
struct Alone {
    place: Place,
    child: Child,
}

impl Alone {
    async fn start() -> Self {
        let mut place = Place::new();
        place.set("TANDEM_AUTH_URL", format!("http://{}", free_addr()));
        place.set("TANDEM_TASKS_URL", format!("http://{}", free_addr()));
        let log = std::fs::File::create(place.folder.path().join("log")).unwrap();
        let child = place.command(&["web"]).stderr(log).spawn().unwrap();
        until("the web origin is healthy", || {
            place.command(&["web-health"]).output().unwrap().status.success()
        })
        .await;
        Self { place, child }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        http(self.place.web, method, path, headers).to_ascii_lowercase()
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn every_path_is_the_app_but_a_missing_asset_is_missing() {
    let web = Alone::start().await;
    assert!(web.ask("GET", "/", &[]).contains("the app"));
    assert!(web.ask("GET", "/lists/inbox", &[]).contains("the app"));
    let asset = web.ask("GET", "/assets/app.js", &[]);
    assert!(
        asset.starts_with("http/1.1 200") && asset.contains("immutable"),
        "{asset}"
    );
    assert!(web.ask("GET", "/assets/gone.js", &[]).starts_with("http/1.1 404"));
    assert!(web.ask("GET", "/../../../../etc/passwd", &[]).contains("the app"));
    assert!(web.ask("DELETE", "/", &[]).starts_with("http/1.1 405"));
}

#[tokio::test]
async fn every_answer_of_the_app_lets_nothing_else_in() {
    let web = Alone::start().await;
    for path in ["/", "/assets/app.js", "/assets/gone.js"] {
        let answer = web.ask("GET", path, &[]);
        for header in [
            "content-security-policy: default-src 'none'",
            "require-trusted-types-for 'script'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.contains(header), "{header} in {answer}");
        }
    }
}

#[tokio::test]
async fn the_page_goes_out_compressed_to_whoever_takes_that() {
    let web = Alone::start().await;
    for path in ["/", "/lists/inbox"] {
        for (accepted, encoding, body) in [
            ("gzip, deflate, br", Some("br"), "the app as brotli"),
            ("gzip", Some("gzip"), "the app as gzip"),
            ("identity", None, "<title>the app"),
        ] {
            let answer = web.ask("GET", path, &[("accept-encoding", accepted)]);
            let (head, sent) = answer.split_once("\r\n\r\n").unwrap();
            let said = head
                .lines()
                .find_map(|line| line.strip_prefix("content-encoding: "));
            assert_eq!(said, encoding, "{head}");
            assert!(sent.contains(body), "{sent}");
            for header in [
                "content-type: text/html",
                "cache-control: no-cache",
                "vary: accept-encoding",
                "content-security-policy: default-src 'none'",
            ] {
                assert!(head.contains(header), "{header} in {head}");
            }
        }
    }
}

#[tokio::test]
async fn another_name_of_this_machine_leads_to_the_public_origin() {
    let web = Alone::start().await;
    let port = web.place.web.port();
    let answer = web.ask("GET", "/lists?x=1", &[("host", &format!("localhost:{port}"))]);
    assert!(answer.starts_with("http/1.1 307"), "{answer}");
    assert!(
        answer.contains(&format!("location: http://127.0.0.1:{port}/lists?x=1")),
        "{answer}"
    );
    let other = web.ask("GET", "/", &[("host", "tasks.example.com")]);
    assert!(
        other.starts_with("http/1.1 200"),
        "a proxy in front may call it what it likes: {other}"
    );
}

#[tokio::test]
async fn a_service_that_is_away_is_an_error_that_a_browser_can_read() {
    let web = Alone::start().await;
    for (path, name) in [
        ("/tandem.auth.v1.AuthService/SignIn", "auth-service"),
        ("/tandem.tasks.v1.TaskService/ListTasks", "task-service"),
    ] {
        let answer = web.ask("POST", path, &[("content-type", "application/grpc-web+proto")]);
        assert!(answer.starts_with("http/1.1 200"), "{answer}");
        for part in [
            "grpc-status: 14",
            "content-type: application/grpc-web+proto",
            "grpc-status-details-bin:",
            name,
        ] {
            assert!(answer.contains(part), "{part} in {answer}");
        }
    }
}
