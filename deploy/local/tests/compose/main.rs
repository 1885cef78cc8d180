//! What `deploy/compose.yaml` says, done without an engine: each service of ours is started with the command,
//! environment, secrets and health check that stand there, as a plain process against a real Postgres.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../up/system.rs"]
#[allow(dead_code, clippy::print_stderr, reason = "the other test uses the rest")]
mod system;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use proto::auth::v1::IssueServiceTokenRequest;
use proto::auth::v1::service_token_service_client::ServiceTokenServiceClient;
use rustix::process::{Pid, Signal, kill_process};
use serde_yaml_ng::Value;
use sqlx::migrate::Migrator;
use system::{free_addr, http, until};

const OURS: [&str; 3] = ["auth-service", "task-service", "web"];

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn compose() -> Value {
    let mut compose: Value =
        serde_yaml_ng::from_str(&std::fs::read_to_string(deploy().join("compose.yaml")).unwrap()).unwrap();
    compose.apply_merge().unwrap();
    compose
}

fn texts(list: &Value) -> Vec<String> {
    list.as_sequence()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

/// The list after this word in this stage of the Dockerfile, which inherits nothing that matters here.
fn instruction(stage: &str, word: &str) -> Vec<String> {
    let dockerfile = std::fs::read_to_string(deploy().join("Dockerfile")).unwrap();
    let (_, rest) = dockerfile.split_once(&format!("FROM base AS {stage}\n")).unwrap();
    let stage = rest.split("\nFROM ").next().unwrap();
    let line = stage
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{word} ")))
        .unwrap();
    texts(&serde_yaml_ng::from_str(line).unwrap())
}

/// What an engine would provide, on this machine: names of hosts, files and programs.
struct Engine {
    folder: tempfile::TempDir,
    words: Vec<(String, String)>,
    compose: Value,
}

impl Engine {
    async fn new(auth_database: &str, tasks_database: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = folder.path().join("secrets");
        let made = Command::new(deploy().join("make-secrets"))
            .arg(&secrets)
            .status()
            .unwrap();
        assert!(made.success());
        for (name, url) in [
            ("auth_database_url", auth_database),
            ("tasks_database_url", tasks_database),
        ] {
            std::fs::remove_file(secrets.join(name)).unwrap();
            std::fs::write(secrets.join(name), url).unwrap();
        }
        let app = folder.path().join("app");
        std::fs::create_dir(&app).unwrap();
        std::fs::write(app.join("index.html"), "the app").unwrap();
        let mut words = vec![
            ("/run/secrets".to_owned(), secrets.display().to_string()),
            ("/usr/local/bin".to_owned(), programs().display().to_string()),
            ("/srv/web".to_owned(), app.display().to_string()),
        ];
        for port in ["50051", "50052", "8080"] {
            let addr = free_addr();
            words.extend([
                (format!("0.0.0.0:{port}"), addr.to_string()),
                (format!("127.0.0.1:{port}"), addr.to_string()),
                (format!("auth-service:{port}"), addr.to_string()),
                (format!("task-service:{port}"), addr.to_string()),
            ]);
        }
        Self {
            folder,
            words,
            compose: compose(),
        }
    }

    fn here(&self, word: &str) -> String {
        // `${NAME:-default}`: nobody sets the name here.
        let mut word = word.to_owned();
        if let Some((_, default)) = word
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}')?.split_once(":-"))
        {
            word = default.to_owned();
        }
        if word == "0.0.0.0:9464" {
            return free_addr().to_string();
        }
        self.words
            .iter()
            .fold(word, |word, (there, here)| word.replace(there, here))
    }

    fn addr(&self, there: &str) -> SocketAddr {
        self.here(there).parse().unwrap()
    }

    fn service(&self, name: &str) -> &Value {
        &self.compose["services"][name]
    }

    /// A process with this service's environment and nothing else.
    fn process(&self, name: &str, words: &[String]) -> Command {
        let words: Vec<String> = words.iter().map(|word| self.here(word)).collect();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for (variable, value) in self.service(name)["environment"].as_mapping().unwrap() {
            command.env(variable.as_str().unwrap(), self.here(value.as_str().unwrap()));
        }
        command
    }

    fn start(&self, name: &str) -> Running<'_> {
        let mut words = instruction(
            self.service(name)["build"]["target"].as_str().unwrap(),
            "ENTRYPOINT",
        );
        words.extend(texts(&self.service(name)["command"]));
        let log = std::fs::File::create(self.folder.path().join(format!("{name}.log"))).unwrap();
        Running {
            engine: self,
            name: name.to_owned(),
            child: self.process(name, &words).stderr(log).spawn().unwrap(),
        }
    }

    fn healthy(&self, name: &str) -> bool {
        let test = texts(&self.service(name)["healthcheck"]["test"]);
        assert_eq!(test[0], "CMD", "images without a shell");
        self.process(name, &test[1..]).output().unwrap().status.success()
    }
}

struct Running<'a> {
    engine: &'a Engine,
    name: String,
    child: Child,
}

impl Running<'_> {
    async fn until_healthy(&mut self) {
        let what = format!("{} is healthy", self.name);
        until(&what, || {
            if let Some(status) = self.child.try_wait().unwrap() {
                let log =
                    std::fs::read_to_string(self.engine.folder.path().join(format!("{}.log", self.name)));
                panic!("{} ended with {status}:\n{}", self.name, log.unwrap());
            }
            self.engine.healthy(&self.name)
        })
        .await;
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the programs of the workspace are built, with the services' own among them.
fn programs() -> PathBuf {
    let tandem = Path::new(env!("CARGO_BIN_EXE_tandem"));
    let folder = tandem.parent().unwrap().to_owned();
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--bins",
        "-p",
        "auth-service",
        "-p",
        "task-service",
    ]);
    build.current_dir(deploy()).env("SQLX_OFFLINE", "true");
    if folder.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    folder
}

#[tokio::test]
async fn every_service_starts_as_written_is_healthy_and_ends_on_a_signal() {
    static NOTHING: Migrator = Migrator::DEFAULT;
    let auth = tandem_postgres::test::database("compose", &NOTHING).await;
    let tasks = tandem_postgres::test::database("compose", &NOTHING).await;
    let engine = Engine::new(&auth.url(), &tasks.url()).await;

    let mut running = Vec::new();
    for name in OURS {
        assert!(!engine.healthy(name), "{name} is not started yet");
        let mut service = engine.start(name);
        service.until_healthy().await;
        running.push(service);
    }
    let web = engine.addr("0.0.0.0:8080");
    assert!(http(web, "GET", "/", &[]).contains("the app"));
    let call = http(
        web,
        "POST",
        "/tandem.auth.v1.AuthService/SignUp",
        &[("content-type", "application/grpc-web+proto")],
    );
    assert!(
        !call.contains("grpc-status: 14"),
        "the services find each other by the names written: {call}"
    );

    let credential = std::fs::read_to_string(engine.here("/run/secrets/task_service_credential")).unwrap();
    let (service, secret) = credential.split_once(':').unwrap();
    let auth = format!("http://{}", engine.addr("0.0.0.0:50051"));
    let mut tokens = ServiceTokenServiceClient::connect(auth).await.unwrap();
    let asked = IssueServiceTokenRequest {
        service: service.to_owned(),
        secret: secret.to_owned(),
        audience: "tandem.auth".to_owned(),
        ..IssueServiceTokenRequest::default()
    };
    tokens
        .issue_service_token(asked)
        .await
        .expect("the two sides of the credential fit");

    for mut service in running.into_iter().rev() {
        kill_process(Pid::from_child(&service.child), Signal::TERM).unwrap();
        let mut status = None;
        until("it ends", || {
            status = service.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        assert!(status.unwrap().success(), "{}", service.name);
    }
}

#[test]
fn secrets_come_as_files_that_are_declared_and_made() {
    let compose = compose();
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().join("secrets");
    let make = || {
        Command::new(deploy().join("make-secrets"))
            .arg(&secrets)
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(make());
    assert!(!make(), "it never replaces a secret");
    let keys = std::fs::read(secrets.join("token_keys")).unwrap();
    std::fs::remove_file(secrets.join("service_credentials")).unwrap();
    std::fs::remove_file(secrets.join("task_service_credential")).unwrap();
    assert!(make(), "it makes what an older folder lacks");
    assert_eq!(std::fs::read(secrets.join("token_keys")).unwrap(), keys);
    for (name, service) in compose["services"].as_mapping().unwrap() {
        let variables = service["environment"].as_mapping().unwrap();
        let paths = variables
            .values()
            .filter_map(|value| value.as_str()?.strip_prefix("/run/secrets/"));
        let mut read: Vec<&str> = paths.collect();
        read.sort_unstable();
        let given = service.get("secrets").map(texts).unwrap_or_default();
        assert_eq!(read, given, "{name:?} reads what it is given");
        for secret in given {
            let file = compose["secrets"][&secret]["file"].as_str().unwrap();
            assert_eq!(file, format!("./secrets/{secret}"));
            assert!(!std::fs::read(secrets.join(&secret)).unwrap().is_empty());
        }
        let plain = |name: &str| {
            [
                "TANDEM_TOKEN_KEYS",
                "TANDEM_SERVICE_CREDENTIALS",
                "TANDEM_AUTH_DATABASE_URL",
                "TANDEM_TASKS_DATABASE_URL",
            ]
            .contains(&name)
        };
        assert!(!variables.keys().any(|variable| plain(variable.as_str().unwrap())));
    }
}

#[test]
fn the_engine_waits_for_longer_than_a_drain_takes() {
    let defaults = chassis::config::ServerConfig::loopback();
    let drain = defaults.drain_delay + defaults.drain_timeout;
    let compose = compose();
    for name in OURS {
        let grace = compose["services"][name]["stop_grace_period"].as_str().unwrap();
        let seconds = grace.strip_suffix('s').unwrap().parse().unwrap();
        assert!(Duration::from_secs(seconds) > drain, "{name}: {grace}");
    }
}

#[test]
fn every_image_runs_as_nobody_and_has_the_same_health_check_as_compose() {
    let dockerfile = std::fs::read_to_string(deploy().join("Dockerfile")).unwrap();
    let (_, base) = dockerfile.split_once(" AS base\n").unwrap();
    assert!(base.split("\nFROM ").next().unwrap().contains("USER nonroot"));
    let compose = compose();
    for name in OURS {
        let service = &compose["services"][name];
        let target = service["build"]["target"].as_str().unwrap();
        let file = deploy().join(service["build"]["context"].as_str().unwrap());
        assert!(
            file.join(service["build"]["dockerfile"].as_str().unwrap())
                .is_file()
        );
        assert_eq!(instruction(target, "CMD"), texts(&service["command"]));
        let check = dockerfile.lines().find(|line| {
            line.starts_with("HEALTHCHECK")
                && line.contains(&format!(
                    "bin/{}\"",
                    instruction(target, "ENTRYPOINT")[0].rsplit('/').next().unwrap()
                ))
        });
        let (_, check) = check.unwrap().split_once(" CMD ").unwrap();
        assert_eq!(
            texts(&serde_yaml_ng::from_str(check).unwrap()),
            texts(&service["healthcheck"]["test"])[1..]
        );
    }
}
