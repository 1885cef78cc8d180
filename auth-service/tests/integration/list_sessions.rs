//! AccountService.ListSessions.

use proto::auth::v1 as pb;
use tonic::transport::Endpoint;

use crate::harness::{PASSWORD, Service, sign_in};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn seconds(time: &Option<prost_types::Timestamp>) -> i64 {
    time.as_ref().expect("a time").seconds
}

#[tokio::test]
async fn sessions_are_listed_with_the_one_used_last_first_and_ones_own_marked() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    service.person("bob@example.org").await;
    service.seconds_pass(10);
    let phone = service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("signed in");
    let listed = ann.list_sessions().await.expect("hers");
    let ids: Vec<_> = listed.iter().map(|s| (&s.session_id, s.current)).collect();
    assert_eq!(ids, [(&phone.session_id, false), (&ann.session.session_id, true)]);

    service.seconds_pass(10);
    ann.refresh().await.expect("refreshed");
    let listed = ann.list_sessions().await.expect("hers");
    let own = &listed[0];
    assert_eq!(own.session_id, ann.session.session_id);
    assert!(own.current && !listed[1].current);
    assert_eq!(seconds(&own.last_use_time) - seconds(&own.create_time), 20);
    assert_eq!(own.expire_time, ann.session.refresh_token_expire_time);
    assert_eq!(own.end_time, None);
}

#[tokio::test]
async fn a_session_tells_the_device_and_the_address() {
    let service = Service::start().await;
    let ann = service.person("ann@example.org").await;
    let channel = Endpoint::from_shared(format!("http://{}", service.addr))
        .expect("an address")
        .user_agent(FIREFOX)
        .expect("ASCII")
        .connect_lazy();
    pb::auth_service_client::AuthServiceClient::new(channel)
        .sign_in(sign_in("ann@example.org", PASSWORD))
        .await
        .expect("signed in");
    let listed = ann.list_sessions().await.expect("hers");
    let browser = listed.iter().find(|session| !session.current).expect("it");
    assert!(browser.user_agent.starts_with(FIREFOX), "{}", browser.user_agent);
    assert_eq!(browser.device, "Firefox on Linux");
    assert_eq!(browser.ip_address, "127.0.0.1");
    let own = listed.iter().find(|session| session.current).expect("own");
    assert_eq!(own.device, "tonic");
}

#[tokio::test]
async fn a_refresh_from_another_address_moves_the_session_there() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    sqlx::query("UPDATE sessions SET ip_address = '192.0.2.7'")
        .execute(&service.database.pool())
        .await
        .expect("as if from elsewhere");
    assert_eq!(
        ann.list_sessions().await.expect("hers")[0].ip_address,
        "192.0.2.7"
    );
    ann.refresh().await.expect("refreshed");
    assert_eq!(
        ann.list_sessions().await.expect("hers")[0].ip_address,
        "127.0.0.1"
    );
}

#[tokio::test]
async fn ended_and_expired_sessions_are_not_listed() {
    let service = Service::start().await;
    let mut ann = service.person("ann@example.org").await;
    let left = service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("signed in");
    service.sign_out(&left.refresh_token).await.expect("signed out");
    service
        .sign_in("ann@example.org", PASSWORD)
        .await
        .expect("never used again");
    assert_eq!(ann.list_sessions().await.expect("hers").len(), 2);
    service.days_pass(20);
    ann.refresh().await.expect("used");
    service.days_pass(20);
    ann.refresh().await.expect("used");
    assert_eq!(ann.list_sessions().await.expect("hers").len(), 1);
}
