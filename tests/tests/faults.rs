//! What a crash, a stop and a second start may do to people's tasks: nothing.

use std::sync::{Arc, Mutex, PoisonError};

use proto::auth::v1::SignInRequest;
use proto::tasks::v1::{CreateTaskRequest, Task};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::harness::{Person, System, say};

const WRITERS: usize = 8;
/// Enough that the crash comes in the middle of a busy time.
const ENOUGH: usize = 120;

#[tokio::test]
async fn a_crash_of_everything_loses_no_task_that_was_acknowledged() {
    let mut system = System::start().await;
    // Each of them writes, so that what they write is gathered into common transactions.
    let mut people = Vec::new();
    for number in 0..WRITERS {
        people.push(Arc::new(
            Person::sign_up(&system, &format!("writer{number}")).await,
        ));
    }
    let acknowledged = Arc::new(Acknowledged::default());
    let mut writers = JoinSet::new();
    for (writer, person) in people.iter().cloned().enumerate() {
        let mut service = system.task_service();
        let acknowledged = Arc::clone(&acknowledged);
        writers.spawn(async move {
            for number in 0.. {
                let title = format!("{writer}: {number}");
                match service.create_task(person.asks(titled(&title))).await {
                    Ok(task) => acknowledged.add(writer, task.into_inner()),
                    Err(_) => return,
                }
            }
        });
    }
    acknowledged.enough().await;
    system.kill_all();
    writers.join_all().await;

    let ready = system.start_again().await;
    say(&format!(
        "the start after the crash was ready after {} ms",
        ready.as_millis()
    ));
    let acknowledged = acknowledged.take();
    assert!(acknowledged.len() >= ENOUGH);
    for (writer, person) in people.iter().enumerate() {
        let found = person.sees(&system).await;
        let own = acknowledged.iter().filter(|(by, _)| *by == writer);
        let own: Vec<_> = own.map(|(_, task)| task).collect();
        for task in &own {
            assert!(
                found.contains(task),
                "{} was acknowledged and is lost",
                task.title
            );
        }
        // A write without an answer is whole or absent: at most one of each writer.
        assert!(found.len() <= own.len() + 1);
    }
    assert!(sign_in(&system, &people[0]).await.is_ok());
}

#[tokio::test]
async fn ctrl_c_ends_everything_cleanly_and_a_second_start_has_it_all() {
    let mut system = System::start().await;
    let alice = Person::sign_up(&system, "alice").await;
    let task = alice.adds(&system, "Stay").await;
    let keys = system.token_keys();
    let ended = system.interrupt().await;
    assert!(ended.success(), "{ended}\n{}", system.log());
    assert!(
        sign_in(&system, &alice).await.is_err(),
        "nothing listens any more"
    );

    let ready = system.start_again().await;
    say(&format!(
        "the second start was ready after {} ms",
        ready.as_millis()
    ));
    assert_eq!(system.token_keys(), keys);
    assert_eq!(
        alice.sees(&system).await,
        [task],
        "a token made before is as good as ever"
    );
    assert!(sign_in(&system, &alice).await.is_ok());
}

async fn sign_in(system: &System, person: &Person) -> Result<(), tonic::Status> {
    let request = SignInRequest {
        email: person.email.clone(),
        password: person.password.clone(),
        ..SignInRequest::default()
    };
    system.auth_service().sign_in(request).await.map(drop)
}

fn titled(title: &str) -> CreateTaskRequest {
    let task = Task {
        title: title.to_owned(),
        ..Task::default()
    };
    CreateTaskRequest {
        task: Some(task),
        ..CreateTaskRequest::default()
    }
}

/// The tasks that were answered with OK, each with the number of its writer.
#[derive(Default)]
struct Acknowledged {
    tasks: Mutex<Vec<(usize, Task)>>,
    enough: Notify,
}

impl Acknowledged {
    fn add(&self, writer: usize, task: Task) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.push((writer, task));
        if tasks.len() == ENOUGH {
            self.enough.notify_one();
        }
    }

    async fn enough(&self) {
        self.enough.notified().await;
    }

    fn take(&self) -> Vec<(usize, Task)> {
        std::mem::take(&mut self.tasks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
