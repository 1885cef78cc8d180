//! The operator's commands: `tandem` knows the Postgres of its data directory, running or not.

use std::process::Output;

use proto::auth::v1::SignUpRequest;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use rustix::process::Signal;

use crate::system::Place;

fn operate(place: &Place, arguments: &[&str]) -> (bool, String) {
    let output: Output = place.command(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[tokio::test]
async fn commands_on_either_database_work_beside_a_running_system_and_without_it() {
    let place = Place::new();
    let mut system = place.up().await;
    let url = format!("http://{}", place.auth);
    let mut auth = AuthServiceClient::connect(url).await.unwrap();
    let sign_up = SignUpRequest {
        email: "ann@example.org".to_owned(),
        password: "a horse of my own".to_owned(),
        ..SignUpRequest::default()
    };
    auth.sign_up(sign_up).await.unwrap();
    let promote = ["admin", "set-role", "ann@example.org", "admin"];
    let (good, said) = operate(&place, &promote);
    assert!(good && said.contains("has now the role admin"), "{said}");
    let (good, said) = operate(&place, &["new-epoch"]);
    assert!(good && said.contains("SYNC_TOKEN_EXPIRED"), "{said}");
    system.signal(Signal::TERM);
    assert!(system.ended().await.success());

    let (good, said) = operate(&place, &promote);
    assert!(good && said.contains("has already the role admin"), "{said}");
    let (good, said) = operate(&place, &["new-epoch"]);
    assert!(good && said.contains("SYNC_TOKEN_EXPIRED"), "{said}");
    // The Postgres that was started for it is gone, so that another can start.
    place.up().await;
}

#[test]
fn keys_and_credentials_are_made_without_a_data_directory() {
    let place = Place::new();
    let (good, said) = operate(&place, &["keys", "new"]);
    assert!(good && said.contains(":EdDSA:"), "{said}");
    let (good, said) = operate(
        &place,
        &["credentials", "new", "reports", "--scope", "tasks.read"],
    );
    assert!(good && said.contains("reports:sha256="), "{said}");
    assert!(!place.data().exists());
}
