//! Mails that are prepared while something else has the person's row.

use std::time::Duration;

use sqlx::{Postgres, Transaction};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;

impl Service {
    /// As a method that changes the account.
    async fn lock_everybody(&self) -> Transaction<'static, Postgres> {
        let mut tx = self.database.pool().begin().await.expect("begun");
        sqlx::query("SELECT FROM users FOR UPDATE")
            .execute(&mut *tx)
            .await
            .expect("locked");
        tx
    }

    fn deliver(&self) -> JoinHandle<bool> {
        let app = self.app.clone();
        tokio::spawn(async move { auth_service::mail::deliver_due(&app).await.is_ok() })
    }

    async fn until_waiting(&self, count: i64) {
        const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
                               WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting = async {
            while self.count(WAITING).await < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), waiting)
            .await
            .expect("somebody waits for the person's row");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_mails_that_are_prepared_at_once_the_newest_alone_has_a_code_that_is_good() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    service.until_mails_are_sent().await;
    let locked = service.lock_everybody().await;
    for _ in 0..4 {
        service.seconds_pass(1);
        service.send_reset(ANN).await.expect("asked");
    }
    let delivered = service.deliver();
    service.until_waiting(4).await;
    locked.commit().await.expect("committed");
    assert!(delivered.await.expect("no panic"));

    let newest = mailbox.newest(&service, ANN, CHOOSE).await.code();
    let good = "SELECT count(*) FROM codes WHERE purpose = 'reset_password'";
    assert_eq!(service.count(good).await, 1);
    service.reset_password(&newest, NEW_PASSWORD).await.expect("good");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_deleted_while_it_is_prepared_goes_to_nobody() {
    let (service, mailbox) = mailing(&[]).await;
    service.person(ANN).await;
    service.until_mails_are_sent().await;
    let mut locked = service.lock_everybody().await;
    service.send_reset(ANN).await.expect("asked");
    let delivered = service.deliver();
    service.until_waiting(1).await;
    sqlx::query("DELETE FROM mails WHERE kind = 'password_reset'")
        .execute(&mut *locked)
        .await
        .expect("deleted");
    locked.commit().await.expect("committed");
    assert!(delivered.await.expect("no panic"));
    assert!(mailbox.about(&service, ANN, CHOOSE).await.is_empty());
}
