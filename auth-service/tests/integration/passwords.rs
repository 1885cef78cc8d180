//! What a new password may be, wherever one is chosen.

use proto::auth::v1 as pb;
use tonic_types::StatusExt as _;

use crate::harness::{PASSWORD, Service, assert_invalid, authorized, sign_up};

const EMAIL: &str = "Margarethe@example.org";
const NAME: &str = "Grete Strasser";

fn sign_up_with(email: &str, password: &str) -> pb::SignUpRequest {
    pb::SignUpRequest {
        password: password.to_owned(),
        display_name: NAME.to_owned(),
        ..sign_up(email)
    }
}

/// What is tried first by whoever knows the person, or nobody.
const GUESSABLE: [&str; 8] = [
    "password",
    "QwertyUiop",
    "12345678",
    "margarethe@example.org",
    "MARGARETHE",
    "margarethe2026!",
    "grete strasser",
    "GreteStrasser1",
];

#[tokio::test]
async fn common_passwords_and_what_one_is_called_are_refused_wherever_one_is_chosen() {
    let service = Service::start().await;
    for password in GUESSABLE {
        let refused = service.auth().sign_up(sign_up_with(EMAIL, password)).await;
        assert_invalid(refused, &["password"]);
    }
    let good = service.auth().sign_up(sign_up_with(EMAIL, PASSWORD)).await;
    let session = good.expect("signed up").into_inner().session.expect("a session");
    for password in GUESSABLE {
        let request = authorized(
            &session.access_token,
            pb::ChangePasswordRequest {
                current_password: PASSWORD.to_owned(),
                new_password: password.to_owned(),
            },
        );
        let refused = service.account().change_password(request).await;
        assert_invalid(refused, &["new_password"]);
    }
}

#[tokio::test]
async fn the_least_length_is_the_deployments_and_older_passwords_keep_working() {
    let service = Service::start_with(&[("TANDEM_AUTH_PASSWORD_MIN_LENGTH", "15")]).await;
    let refused = service
        .auth()
        .sign_up(sign_up_with(EMAIL, "fourteen chars"))
        .await;
    let status = assert_invalid(refused, &["password"]);
    let violations = status
        .get_details_bad_request()
        .expect("violations")
        .field_violations;
    assert!(violations[0].description.contains("15 characters"));

    let fifteen = service
        .auth()
        .sign_up(sign_up_with(EMAIL, "fifteen charac!"))
        .await;
    fifteen.expect("long enough");
    // The hash of a password of 13 characters, from before the least length was raised.
    let old = "$2b$04$XkNTSCAiHI178HJ63rFRFuBJe3YixSEVJCp/p38A2GuuzasS76liK";
    service.store_hash(old).await;
    let session = service.sign_in(EMAIL, "correct horse").await;
    session.expect("older passwords keep working");
}
