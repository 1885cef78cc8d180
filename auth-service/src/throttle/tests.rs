//! That what is counted by a person is found again by SQL, which makes the same keys in its own way.

use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

use crate::domain::{Counter, Email, Kind, Limit, SessionId, Token, UserId};
use crate::store::throttles::{Entry, delete_of_person, insert};

#[tokio::test]
async fn what_is_counted_by_a_person_goes_with_them_and_nothing_else() {
    let database = tandem_postgres::test::database("auth-service", &crate::MIGRATOR).await;
    let pool = database.pool();
    let (ann, session) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let device = Token::new([3; 32]).hash();
    let email = Email::parse("Ann@example.org").unwrap();
    let now = DateTime::UNIX_EPOCH;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "INSERT INTO users (id, email, email_key, password_hash, display_name, role, email_verified,
                            create_time, update_time)
         VALUES ('{ann}', 'Ann@example.org', 'ann@example.org', '$argon2id$', '', 'user', false, now(), now());
         INSERT INTO sessions (id, user_id, generation, user_agent, ip_address, create_time, last_use_time,
                               idle_expire_time, expire_time)
         VALUES ('{session}', '{ann}', 0, '', '', now(), now(), now(), now())"
    )))
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query("INSERT INTO devices VALUES ($1, $2, now(), now())")
        .bind(ann)
        .bind(device.as_bytes())
        .execute(&pool)
        .await
        .unwrap();

    let bob = Email::parse("bob@example.org").unwrap();
    let limit = Limit {
        most: 1,
        window: TimeDelta::minutes(1),
    };
    let of_ann = [
        Counter::by_email(Kind::PasswordOfAccount, &email),
        Counter::by_email(Kind::MailToTarget, &email),
        Counter::by_device(Kind::PasswordOnDevice, UserId(ann), &device),
        Counter::by_session(Kind::PasswordOfPerson, SessionId(session)),
    ];
    let of_others = [
        Counter::by_email(Kind::PasswordOfAccount, &bob),
        Counter::by_network(Kind::PasswordFromAddress, None),
    ];
    for counter in of_ann.iter().chain(&of_others) {
        insert(&pool, counter, limit, Entry::Counted, now).await.unwrap();
    }
    let mut tx = pool.begin().await.unwrap();
    delete_of_person(&mut tx, UserId(ann)).await.unwrap();
    tx.commit().await.unwrap();
    for counter in &of_ann {
        let room = insert(&pool, counter, limit, Entry::Counted, now).await.unwrap();
        assert!(room.is_some(), "{counter:?} is still there");
    }
    for counter in &of_others {
        let room = insert(&pool, counter, limit, Entry::Counted, now).await.unwrap();
        assert!(room.is_none(), "{counter:?} is gone");
    }
}
