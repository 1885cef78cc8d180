//! A batch under the request id, or with the chosen ids, of one before.

use proto::errors::v1::ErrorReason;
use tonic::Code;

use super::{index_of, retitled, titles, with_id};
use crate::harness::{Service, assert_refused, titled, uuid};

#[tokio::test]
async fn a_batch_is_repeated_as_a_whole_and_shows_its_tasks_as_they_are_now() {
    let service = Service::start().await;
    let alice = service.person();
    let requests = [titled("One"), titled("Two")];
    let made = alice.batch_create(&requests, &uuid(1)).await.unwrap();
    let cancelled = alice.cancel(&made[0].id).await.unwrap();
    let again = alice.batch_create(&requests, &uuid(1)).await.unwrap();
    assert_eq!(again, [cancelled, made[1].clone()]);
    assert_eq!(alice.count().await, 2);
    let other = alice.batch_create(&requests[..1], &uuid(1)).await;
    assert_refused(other, Code::AlreadyExists, ErrorReason::RequestIdReused);

    let updates = [retitled(&made[1], "New"), retitled(&made[0], "Newer")];
    let updated = alice.batch_update(&updates, &uuid(2)).await.unwrap();
    let once_more = alice.batch_update(&updates, &uuid(2)).await.unwrap();
    assert_eq!(once_more, updated);
    assert_eq!(titles(&updated), ["New", "Newer"]);
}

#[tokio::test]
async fn a_chosen_id_is_as_safe_to_repeat_in_a_batch_as_outside_of_one() {
    let service = Service::start().await;
    let alice = service.person();
    let single = alice.create(with_id("One", &uuid(1))).await.unwrap();
    let requests = [
        with_id("One", &uuid(1)),
        with_id("Two", &uuid(2)),
        with_id("Two", &uuid(2)),
    ];
    let made = alice.batch_create(&requests, "").await.unwrap();
    assert_eq!(made[0], single);
    assert_eq!(made[1], made[2]);
    assert_eq!(alice.count().await, 2);
    assert_eq!(alice.create(with_id("Two", &uuid(2))).await.unwrap(), made[1]);
    for requests in [
        [titled("Fine"), with_id("Else", &uuid(1))],
        [with_id("Three", &uuid(3)), with_id("Else", &uuid(3))],
    ] {
        let refused = alice.batch_create(&requests, "").await;
        let status = assert_refused(refused, Code::AlreadyExists, ErrorReason::IdTaken);
        assert_eq!(index_of(&status), "1");
    }
    assert_eq!(alice.count().await, 2);
}
