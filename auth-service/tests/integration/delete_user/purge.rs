//! The job that deletes accounts here and has task-service forget their people.

use chassis::Metrics;

use super::{LEFT, tables_with};
use crate::harness::{Owners, PASSWORD, Service};

fn metric(metrics: &Metrics, name: &str) -> String {
    let text = metrics.encode();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("{name} in {text}")).to_owned()
}

#[tokio::test]
async fn task_service_is_asked_until_it_holds_nothing() {
    let owners = Owners::start().await;
    owners.takes(5);
    let service = Service::start_with(&[("TANDEM_TASKS_URL", &owners.url())]).await;
    let ann = service.person("ann@example.org").await;
    ann.delete(PASSWORD).await.expect("deleted");
    service.until_purged().await;
    assert_eq!(owners.asked(), vec![ann.user().id.clone(); 5]);
    assert_eq!(metric(&service.metrics, "tandem_auth_purges_done_total"), "1");
}

#[tokio::test]
async fn while_task_service_fails_the_account_is_gone_here_and_the_backlog_shows() {
    let owners = Owners::start().await;
    owners.fails(usize::MAX);
    let service = Service::start_with(&[("TANDEM_TASKS_URL", &owners.url())]).await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    ann.delete(PASSWORD).await.expect("deleted");
    bob.delete(PASSWORD).await.expect("deleted");
    service.until_purges_are(2).await;
    let texts = ["@example.org", &ann.user().id, &bob.user().id];
    assert_eq!(tables_with(&service, &texts).await, ["purges"]);
    owners.seconds_pass(&service, 30);
    auth_service::purge::purge_due(&service.app).await.expect("done");
    assert_eq!(metric(&service.metrics, "tandem_auth_purges_waiting"), "2");
    assert_eq!(
        metric(&service.metrics, "tandem_auth_purges_oldest_seconds"),
        "30"
    );

    owners.fails(0);
    // The longest wait.
    owners.seconds_pass(&service, 60);
    service.until_purged().await;
    auth_service::purge::purge_due(&service.app).await.expect("done");
    assert_eq!(metric(&service.metrics, "tandem_auth_purges_waiting"), "0");
    assert_eq!(metric(&service.metrics, "tandem_auth_purges_oldest_seconds"), "0");
    for id in [&ann.user().id, &bob.user().id] {
        assert!(owners.asked().contains(id));
    }
}

#[tokio::test]
async fn what_a_worker_left_in_the_middle_is_done_by_another_replica() {
    let owners = Owners::start().await;
    // It has no task-service, as one that dies before it could ask.
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    ann.delete(PASSWORD).await.expect("deleted");
    service.until_purges_are(1).await;
    let other = service.replica_with(&[("TANDEM_TASKS_URL", &owners.url())]).await;
    owners.seconds_pass(&other, 60);
    other.until_purged().await;
    assert_eq!(owners.asked(), [ann.user().id.as_str()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_replicas_share_the_work_and_nobody_is_left() {
    let owners = Owners::start().await;
    let url = owners.url();
    let settings = [("TANDEM_TASKS_URL", url.as_str())];
    let service = Service::start_with(&settings).await;
    let other = service.replica_with(&settings).await;
    for number in 0..20 {
        let person = service.person(&format!("ann{number}@example.org")).await;
        person.delete(PASSWORD).await.expect("deleted");
    }
    tokio::join!(service.until_purged(), other.until_purged());
    let mut asked = owners.asked();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), 20);
    assert_eq!(service.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn the_id_of_an_administrator_who_is_gone_stands_in_nobodys_events() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    sqlx::query("UPDATE security_events SET actor = $1 WHERE user_id = $2::uuid")
        .bind(&ann.user().id)
        .bind(&bob.user().id)
        .execute(&service.database.pool())
        .await
        .expect("set");
    ann.delete(PASSWORD).await.expect("deleted");
    service.until_purges_are(1).await;
    let event = bob.security_events().await.pop().expect("that he signed up");
    assert_eq!(event.actor, "deleted");
}

/// Whoever adds a table with something of a person in it decides here what becomes of it.
#[tokio::test]
async fn every_table_that_names_a_person_goes_with_the_account_or_is_known_to_stay() {
    let service = Service::start().await;
    let stays: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT c.table_name::text FROM information_schema.columns c
         WHERE c.table_schema = 'public' AND c.column_name IN ('user_id', 'session_id')
           AND NOT EXISTS (
               SELECT FROM pg_constraint f
               WHERE f.conrelid = format('public.%I', c.table_name)::regclass AND f.contype = 'f'
                 AND f.confdeltype = 'c' AND f.confrelid IN ('users'::regclass, 'sessions'::regclass))
         ORDER BY 1",
    )
    .fetch_all(&service.database.pool())
    .await
    .expect("read");
    assert_eq!(stays, LEFT);
}
