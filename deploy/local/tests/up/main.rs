//! `tandem up` as its user meets it: a process that is started, looked at, stopped and killed.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]
#![allow(
    clippy::print_stderr,
    reason = "the log of a failed start belongs to the failure"
)]

mod credentials;
mod operator;
mod system;
mod web;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process, kill_process_group};
use sqlx::migrate::Migrator;
use system::{Place, gone, http, program, until};

#[tokio::test]
async fn everything_comes_up_and_a_signal_ends_all_of_it_in_order() {
    let place = Place::new();
    let mut system = place.up().await;
    let screen = place.log();
    for part in [
        place.auth.to_string(),
        place.tasks.to_string(),
        format!("http://{}", place.web),
    ] {
        assert!(screen.contains(&part), "{part} in {screen}");
    }
    assert!(screen.contains(&format!("{} tandem.auth.v1.AuthService/SignUp", place.auth)));
    assert!(http(place.web, "GET", "/", &[]).contains("the app"));
    let keys = place.data().join("secrets/token_keys");
    assert_eq!(
        std::fs::metadata(&keys).unwrap().permissions().mode() & 0o777,
        0o600
    );

    let refused = place.refused();
    assert!(refused.contains("is running already"), "{refused}");
    assert!(
        refused.contains(&place.auth.to_string()) && refused.contains(&place.web.to_string()),
        "{refused}"
    );

    let (processes, made) = (system.processes(), std::fs::read(&keys).unwrap());
    assert!(
        processes.len() > 5,
        "tandem, three parts, Postgres and its own: {processes:?}"
    );
    system.signal(Signal::TERM);
    assert!(system.ended().await.success(), "{}", place.log());
    for process in processes {
        assert!(gone(process), "{process:?}");
    }

    let begun = Instant::now();
    let mut again = place.up().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(std::fs::read(&keys).unwrap(), made, "the keys stay");
    again.signal(Signal::INT);
    assert!(again.ended().await.success());
}

#[tokio::test]
async fn killed_as_a_group_it_leaves_nothing_and_starts_again() {
    let place = Place::new();
    let mut system = place.up().await;
    let processes = system.processes();
    kill_process_group(system.pid(), Signal::KILL).unwrap();
    system.ended().await;
    until("everything is gone", || {
        processes.iter().all(|process| gone(*process))
    })
    .await;
    place.up().await;
}

#[tokio::test]
async fn with_every_process_killed_at_once_it_starts_again() {
    let place = Place::new();
    let mut system = place.up().await;
    for process in system.processes() {
        // Some end before their turn comes, because their parent has.
        let _ = kill_process(process, Signal::KILL);
    }
    system.ended().await;
    place.up().await;
}

#[tokio::test]
async fn a_part_that_ends_by_itself_takes_the_rest_down_and_is_named() {
    let place = Place::new();
    let mut system = place.up().await;
    let processes = system.processes();
    kill_process(system.part("task-service"), Signal::KILL).unwrap();
    assert!(!system.ended().await.success());
    assert!(
        place.log().contains("task-service ended with signal: 9"),
        "{}",
        place.log()
    );
    assert!(processes.iter().all(|process| gone(*process)));
}

#[test]
fn a_port_in_use_is_named_with_its_setting_before_anything_starts() {
    let place = Place::new();
    let _taken = TcpListener::bind(place.tasks).unwrap();
    let refused = place.refused();
    assert!(
        refused.contains(&place.tasks.to_string()) && refused.contains("TANDEM_TASKS_ADDR"),
        "{refused}"
    );
    assert!(!refused.contains("TANDEM_AUTH_ADDR"), "{refused}");
    assert!(!place.data().join("postgres").exists());
}

#[test]
fn every_fault_of_every_part_is_named_at_once_and_no_secret_is_shown() {
    let mut place = Place::new();
    for (name, wrong) in [
        ("TANDEM_AUTH_ADDR", "here"),
        ("TANDEM_WEB_ADDR", "there"),
        ("TANDEM_TOKEN_KEYS", "k1:c2VjcmV0"),
        ("TANDEM_AUTH_URL", "somewhere"),
        ("TANDEM_TASKS_DATABASE_URL", "nowhere"),
        ("TANDEM_TLS_CERT", "/nonexistent/cert"),
    ] {
        place.set(name, wrong);
    }
    let refused = place.refused();
    for name in place
        .variables
        .keys()
        .filter(|name| !matches!(name.as_str(), "TANDEM_DATA_DIR" | "TANDEM_WEB_ROOT"))
    {
        assert!(
            name == "TANDEM_TASKS_ADDR" || refused.contains(name),
            "{name} in {refused}"
        );
    }
    assert!(!refused.contains("c2VjcmV0"), "{refused}");
    assert_eq!(
        refused.matches("TANDEM_TLS_CERT names").count().max(1),
        1,
        "{refused}"
    );
    assert!(!place.data().exists());
}

#[tokio::test]
async fn databases_that_are_given_are_used_and_no_postgres_is_started() {
    static NOTHING: Migrator = Migrator::DEFAULT;
    let auth = tandem_postgres::test::database("given", &NOTHING).await;
    let tasks = tandem_postgres::test::database("given", &NOTHING).await;
    let mut place = Place::new();
    place.set("TANDEM_AUTH_DATABASE_URL", auth.url());
    place.set("TANDEM_TASKS_DATABASE_URL", tasks.url());
    let mut system = place.up().await;
    assert!(!place.data().join("postgres").exists());
    system.signal(Signal::TERM);
    assert!(system.ended().await.success());
}

#[tokio::test]
async fn with_a_certificate_the_services_speak_tls_and_the_web_origin_reaches_them() {
    let mut place = Place::new();
    let (cert, key) = (
        place.folder.path().join("cert.pem"),
        place.folder.path().join("key.pem"),
    );
    // A name that is not the address: the web origin knows the certificate itself.
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=tasks.example.com",
            "-addext",
            "subjectAltName=DNS:tasks.example.com",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    place.set("TANDEM_TLS_CERT", cert.display());
    place.set("TANDEM_TLS_KEY", key.display());
    let mut system = place.start();
    system.wait_for_the_screen().await;
    let trusted = format!("grpcurl -cacert '{}' ", cert.display());
    assert!(place.log().contains(&trusted), "{}", place.log());
    let call = |path| {
        http(
            place.web,
            "POST",
            path,
            &[("content-type", "application/grpc-web+proto")],
        )
    };
    let answer = call("/tandem.auth.v1.AuthService/SignIn");
    assert!(
        answer.contains("grpc-status") && !answer.contains("grpc-status: 14"),
        "{answer}"
    );
    chassis::probe::check(&format!("http://{}", place.auth), "")
        .await
        .unwrap_err();
}

/// A place whose web app is sources: `npm` is what the script says, or not there at all.
fn place_with_sources(npm: Option<&str>) -> Place {
    let mut place = Place::new();
    place.variables.remove("TANDEM_WEB_ROOT");
    let sources = place.folder.path().join("web");
    std::fs::create_dir_all(sources.join("node_modules")).unwrap();
    std::fs::write(sources.join("package.json"), "{}").unwrap();
    std::fs::write(sources.join("node_modules/.package-lock.json"), "{}").unwrap();
    let bin = place.folder.path().join("bin");
    program(&bin, "id", "exec /usr/bin/id \"$@\"");
    if let Some(npm) = npm {
        program(
            &bin,
            "npm",
            &format!("[ \"$1\" != --version ] || exit 0\nPATH=/usr/bin:/bin\n{npm}"),
        );
    }
    place.set("PATH", bin.display());
    place
}

#[tokio::test]
async fn without_node_it_says_so_and_the_services_run() {
    let place = place_with_sources(None);
    let _system = place.up().await;
    assert!(
        place.log().contains("Node with npm is not installed"),
        "{}",
        place.log()
    );
    assert!(http(place.web, "GET", "/", &[]).starts_with("HTTP/1.1 503"));
}

#[tokio::test]
async fn a_web_app_that_cannot_be_built_is_reported_and_the_services_run() {
    let place = place_with_sources(Some("exit 3"));
    let _system = place.up().await;
    assert!(
        place.log().contains("the web app is not built"),
        "{}",
        place.log()
    );
}

#[tokio::test]
async fn the_web_app_is_built_once_and_again_when_a_source_is_younger() {
    let place = place_with_sources(Some(
        "echo \"$*\" >> calls; mkdir -p dist; echo built > dist/index.html",
    ));
    let sources = place.folder.path().join("web");
    let calls = || std::fs::read_to_string(sources.join("calls")).unwrap();
    // What was built must not count as a source.
    std::fs::write(sources.join("calls"), "").unwrap();
    for expected in ["run build\n", "run build\n", "run build\nrun build\n"] {
        if expected.len() > 12 {
            let tomorrow = std::time::UNIX_EPOCH + Duration::from_secs(60 * 60 * 24 * 365 * 80);
            std::fs::File::create(sources.join("main.ts"))
                .unwrap()
                .set_modified(tomorrow)
                .unwrap();
        }
        let mut system = place.up().await;
        assert!(http(place.web, "GET", "/", &[]).contains("built"));
        system.signal(Signal::TERM);
        system.ended().await;
        assert_eq!(calls(), expected);
        // The note of the calls lies among the sources; it must not be younger than what was built.
        let built = std::fs::File::options()
            .append(true)
            .open(sources.join("dist/index.html"))
            .unwrap();
        let later = std::fs::metadata(sources.join("calls"))
            .unwrap()
            .modified()
            .unwrap()
            + Duration::from_secs(1);
        built.set_modified(later).unwrap();
    }
}
