//! The signing key changes in the three steps of docs/keys.md while people work, and no call of theirs fails.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proto::access_token::{Audience, Verifier};
use proto::auth::v1::account_service_client::AccountServiceClient;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::auth::v1::{GetUserRequest, RefreshSessionRequest, Session, SignInRequest, SignUpRequest};
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{CreateTaskRequest, ListTasksRequest, Task};
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};
use tonic::{Code, Status};

use crate::harness::{Both, Keys, TwoOfEach, assert_refused, bearing, new_email, say};

const OLD: &str = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "new:QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=";
const PRIVATE: &str = "new:EdDSA:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
const PUBLIC: &str = "new:EdDSA-public:Kay64UG8yvCyLhqU000LxzYeUm0L/hLIl5S8kyKWbdc=";
const WORKERS: usize = 4;
const PASSWORD: &str = "nine clouds over everybody";

#[tokio::test]
async fn a_new_secret_comes_in_three_steps_while_people_work_and_no_call_fails() {
    let keys = |list: &str| Keys {
        auth: list.to_owned(),
        tasks: list.to_owned(),
    };
    let steps = [
        OLD.to_owned(),
        format!("{OLD},{NEW}"),
        format!("{NEW},{OLD}"),
        NEW.to_owned(),
    ];
    rotate(steps.map(|list| keys(&list))).await;
}

#[tokio::test]
async fn the_move_from_a_shared_secret_to_a_private_key_fails_no_call_either() {
    let keys = |auth: &[&str], tasks: &[&str]| Keys {
        auth: auth.join(","),
        tasks: tasks.join(","),
    };
    rotate([
        keys(&[OLD], &[OLD]),
        keys(&[OLD, PRIVATE], &[OLD, PUBLIC]),
        keys(&[PRIVATE, OLD], &[PUBLIC, OLD]),
        keys(&[PRIVATE], &[PUBLIC]),
    ])
    .await;
}

async fn rotate(keys: [Keys; 4]) {
    // A worker's calls borrow from it, which a task that moves between threads cannot be shown to allow.
    LocalSet::new().run_until(go_through(keys)).await;
}

async fn go_through([old, known, signing, alone]: [Keys; 4]) {
    let mut replicas = TwoOfEach::start(&old).await;
    let office = Arc::new(Office::default());
    let mut workers = Vec::new();
    let mut running = JoinSet::new();
    for _ in 0..WORKERS {
        let worker = Worker::sign_up(&replicas, Arc::clone(&office)).await;
        workers.push(worker.rounds.subscribe());
        running.spawn_local(worker.work());
    }
    let mut early = Worker::sign_up(&replicas, Arc::clone(&office)).await;
    assert_eq!(kid(&early.session), "old");
    for worker in &mut workers {
        two_more_rounds(worker).await;
    }

    replicas.restart_with(&known).await;
    let follows = known
        .auth
        .contains(":EdDSA:")
        .then(|| Outsider::follow(&replicas));
    for worker in &mut workers {
        two_more_rounds(worker).await;
    }

    replicas.restart_with(&signing).await;
    early.get_user().await.expect("a token of the old key is good");
    early.list().await.expect("a token of the old key is good");
    // What ten minutes do: everybody has a token of the new key.
    for worker in &mut workers {
        two_more_rounds(worker).await;
    }

    replicas.restart_with(&alone).await;
    for worker in &mut workers {
        two_more_rounds(worker).await;
    }
    office.close();
    let ended = running.join_all().await;
    let failures = office.failures();
    assert!(failures.is_empty(), "{failures:#?}");
    let calls: usize = ended.iter().map(|worker| worker.calls).sum();
    say(&format!("{calls} calls through a rotation, none failed"));
    assert!(ended.iter().all(|worker| kid(&worker.session) == "new"));
    if let Some(outsider) = follows {
        outsider.knows(&ended[0].session).await;
    }
    refused_everywhere(&replicas, &early.session).await;
    early.refresh().await.expect("a refresh token depends on no key");
    early.list().await.expect("and brings a good one");
}

/// The removed key opens nothing at any replica.
async fn refused_everywhere(replicas: &TwoOfEach, session: &Session) {
    let token = &session.access_token;
    for channel in replicas.auth().each() {
        let mut account = AccountServiceClient::new(channel);
        let answer = account.get_user(bearing(token, GetUserRequest {})).await;
        assert_refused(
            &answer.expect_err("the key has gone"),
            Code::Unauthenticated,
            "TOKEN_INVALID",
        );
    }
    for channel in replicas.tasks().each() {
        let mut tasks = TaskServiceClient::new(channel);
        let answer = tasks
            .list_tasks(bearing(token, ListTasksRequest::default()))
            .await;
        assert_refused(
            &answer.expect_err("the key has gone"),
            Code::Unauthenticated,
            "TOKEN_INVALID",
        );
    }
}

/// Every round begins with a refresh, so after two the token was made after now.
async fn two_more_rounds(rounds: &mut watch::Receiver<usize>) {
    let target = *rounds.borrow() + 2;
    let done = rounds.wait_for(|rounds| *rounds >= target);
    let done = tokio::time::timeout(Duration::from_secs(60), done).await;
    done.expect("work goes on").expect("work goes on");
}

fn kid(session: &Session) -> String {
    let header = session.access_token.split('.').next().expect("a part");
    let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header: serde_json::Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

/// What all workers share.
#[derive(Default)]
struct Office {
    failures: Mutex<Vec<String>>,
    closed: watch::Sender<bool>,
}

impl Office {
    fn close(&self) {
        self.closed.send_replace(true);
    }

    fn note<T>(&self, what: &str, answer: Result<T, Status>) -> Option<T> {
        let noted = |status| {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.push(format!("{what}: {status}"));
        };
        answer.map_err(noted).ok()
    }

    fn failures(&self) -> Vec<String> {
        std::mem::take(&mut self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Somebody who signs in, works and refreshes, all day.
struct Worker {
    office: Arc<Office>,
    auth: Both,
    tasks: Both,
    email: String,
    session: Session,
    rounds: watch::Sender<usize>,
    calls: usize,
}

impl Worker {
    async fn sign_up(replicas: &TwoOfEach, office: Arc<Office>) -> Self {
        let (mut auth, email) = (replicas.auth(), new_email("worker"));
        let request = SignUpRequest {
            email: email.clone(),
            password: PASSWORD.to_owned(),
            ..SignUpRequest::default()
        };
        let answer =
            auth.call(async |channel| AuthServiceClient::new(channel).sign_up(request.clone()).await);
        let session = answer.await.expect("anybody may sign up").into_inner().session;
        Self {
            office,
            auth,
            tasks: replicas.tasks(),
            email,
            session: session.expect("a session"),
            rounds: watch::Sender::new(0),
            calls: 0,
        }
    }

    async fn work(mut self) -> Self {
        while !*self.office.closed.borrow() {
            let round = *self.rounds.borrow();
            if round.is_multiple_of(4) {
                let signed_in = self.sign_in().await;
                self.note("SignIn", signed_in);
            }
            let refreshed = self.refresh().await;
            self.note("RefreshSession", refreshed);
            for _ in 0..3 {
                let got = self.get_user().await;
                self.note("GetUser", got);
                let created = self.create().await;
                self.note("CreateTask", created);
                let listed = self.list().await;
                self.note("ListTasks", listed);
                // Leaves room for the restarts on a small machine.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            self.rounds.send_replace(round + 1);
        }
        self
    }

    fn note(&mut self, what: &str, answer: Result<(), Status>) {
        self.calls += 1;
        self.office.note(what, answer);
    }

    async fn sign_in(&mut self) -> Result<(), Status> {
        let request = SignInRequest {
            email: self.email.clone(),
            password: PASSWORD.to_owned(),
            ..SignInRequest::default()
        };
        let call = async |channel| AuthServiceClient::new(channel).sign_in(request.clone()).await;
        self.session = self
            .auth
            .call(call)
            .await?
            .into_inner()
            .session
            .expect("a session");
        Ok(())
    }

    async fn refresh(&mut self) -> Result<(), Status> {
        let request = RefreshSessionRequest {
            refresh_token: self.session.refresh_token.clone(),
            ..RefreshSessionRequest::default()
        };
        let call = async |channel| {
            AuthServiceClient::new(channel)
                .refresh_session(request.clone())
                .await
        };
        self.session = self
            .auth
            .call(call)
            .await?
            .into_inner()
            .session
            .expect("a session");
        Ok(())
    }

    async fn get_user(&mut self) -> Result<(), Status> {
        let token = &self.session.access_token;
        let call = async |channel| {
            let request = bearing(token, GetUserRequest {});
            AccountServiceClient::new(channel).get_user(request).await
        };
        self.auth.call(call).await.map(drop)
    }

    async fn create(&mut self) -> Result<(), Status> {
        let token = &self.session.access_token;
        let id = chassis::Entropy::system().uuid_v7(&chassis::Clock::system());
        let message = CreateTaskRequest {
            task: Some(Task {
                title: "Turn the key".to_owned(),
                ..Task::default()
            }),
            // A repeat after an answer that was lost makes no second task.
            request_id: id.to_string(),
            ..CreateTaskRequest::default()
        };
        let call = async |channel| {
            let request = bearing(token, message.clone());
            TaskServiceClient::new(channel).create_task(request).await
        };
        self.tasks.call(call).await.map(drop)
    }

    async fn list(&mut self) -> Result<(), Status> {
        let token = &self.session.access_token;
        let call = async |channel| {
            let request = bearing(token, ListTasksRequest::default());
            TaskServiceClient::new(channel).list_tasks(request).await
        };
        self.tasks.call(call).await.map(drop)
    }
}

/// A service outside the pair, which has no secret and fetches the public keys.
struct Outsider {
    verifier: Arc<Verifier>,
    _following: JoinSet<()>,
}

impl Outsider {
    fn follow(replicas: &TwoOfEach) -> Self {
        let [channel, _] = replicas.auth().each();
        let clock = chassis::Clock::system();
        let now = move || clock.unix_seconds();
        let (verifier, work) = Verifier::follow(channel, Audience::Tasks, now, |_| {});
        let mut following = JoinSet::new();
        following.spawn(work);
        Self {
            verifier,
            _following: following,
        }
    }

    async fn knows(&self, session: &Session) {
        self.verifier.loaded().await;
        let verified = self.verifier.verify(&session.access_token);
        verified.expect("the key was listed before it signed");
    }
}
