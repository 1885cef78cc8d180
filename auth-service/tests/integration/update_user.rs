//! AccountService.UpdateUser.

use proto::auth::v1 as pb;
use proto::auth::v1::security_event::Kind;
use tonic::{Response, Status};

use crate::harness::{Person, Service, assert_invalid};

async fn update(
    service: &Service,
    person: &Person<'_>,
    user: Option<pb::User>,
    paths: &[&str],
) -> Result<pb::User, Status> {
    let paths: Vec<_> = paths.iter().map(|path| (*path).to_owned()).collect();
    let request = person.request(pb::UpdateUserRequest {
        user,
        update_mask: Some(prost_types::FieldMask { paths }),
    });
    let reply = service.account().update_user(request).await;
    reply.map(Response::into_inner)
}

fn called(name: &str) -> Option<pb::User> {
    Some(pb::User {
        display_name: name.to_owned(),
        ..pb::User::default()
    })
}

#[tokio::test]
async fn a_name_is_changed_for_its_owner_alone_and_the_time_is_noted() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let bob = service.person("bob@example.org").await;
    service.seconds_pass(5);
    let updated = update(&service, &ann, called(" Ann B. "), &["display_name"]).await;
    let updated = updated.expect("changed");
    assert_eq!(updated.display_name, "Ann B.");
    assert_ne!(updated.update_time, ann.user().update_time);
    assert_eq!(updated.create_time, ann.user().create_time);
    assert_eq!(ann.get_user().await.expect("hers"), updated);
    assert_eq!(&bob.get_user().await.expect("his"), bob.user());
}

#[tokio::test]
async fn what_the_mask_means() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for (user, mask, name) in [
        (called("One"), &["display_name"][..], "One"),
        (called("Two"), &[], "Two"),
        (called(""), &[], "Two"),
        (called("Three"), &["*"], "Three"),
        (called(""), &["display_name"], ""),
        (called("Four"), &["display_name", "display_name"], "Four"),
        (called(""), &["*"], ""),
    ] {
        let updated = update(&service, &ann, user, mask).await.expect("changed");
        assert_eq!(updated.display_name, name, "{mask:?}");
    }
}

#[tokio::test]
async fn what_was_read_can_be_sent_back_whole_and_changes_the_name_alone() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let mut user = ann.user().clone();
    user.display_name = "Ann".to_owned();
    user.role = "admin".to_owned();
    user.email_verified = true;
    user.email = "other@example.org".to_owned();
    let updated = update(&service, &ann, Some(user), &["*"]).await.expect("changed");
    let expected = pb::User {
        display_name: "Ann".to_owned(),
        ..ann.user().clone()
    };
    assert_eq!(updated, expected);
}

#[tokio::test]
async fn the_same_name_again_is_no_change() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let once = update(&service, &ann, called("Ann"), &[]).await.expect("changed");
    service.seconds_pass(5);
    let twice = update(&service, &ann, called("Ann"), &[]).await.expect("fine");
    assert_eq!(once, twice);
    let events = ann.security_events().await;
    let changes = events.iter().filter(|event| event.kind() == Kind::ProfileChanged);
    assert_eq!(changes.count(), 1);
}

#[tokio::test]
async fn unknown_and_output_fields_cannot_be_named_and_nothing_changes() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    for path in [
        "email",
        "id",
        "role",
        "email_verified",
        "create_time",
        "update_time",
        "disable_time",
        "purge_time",
        "password",
        "user.display_name",
        "",
    ] {
        let refused = update(&service, &ann, called("Ann"), &["display_name", path]).await;
        assert_invalid(refused, &["update_mask"]);
    }
    let star = update(&service, &ann, called("Ann"), &["*", "display_name"]).await;
    assert_invalid(star, &["update_mask"]);
    assert_eq!(&ann.get_user().await.expect("hers"), ann.user());
}

#[tokio::test]
async fn a_bad_name_and_a_missing_user_are_told_with_every_other_fault() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let long = called(&"a".repeat(101));
    assert_invalid(
        update(&service, &ann, long.clone(), &["display_name"]).await,
        &["user.display_name"],
    );
    assert_invalid(
        update(&service, &ann, long, &["display_name", "role"]).await,
        &["update_mask", "user.display_name"],
    );
    assert_invalid(update(&service, &ann, None, &[]).await, &["user"]);
}
