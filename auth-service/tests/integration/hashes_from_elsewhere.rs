//! Passwords whose hashes came from other systems: checked, and replaced by our own at the next right sign-in.

use proto::errors::v1::ErrorReason;
use tokio::task::JoinSet;
use tonic::Code;

use crate::harness::{PASSWORD, Service, assert_refused, sign_in};

const OLD_PASSWORD: &str = "correct horse";
/// Of that password.
const HASHES: [&str; 9] = [
    "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$64zw4y6hGNSGW1HTKDajc74EIkJpCJ+AUBXDspyrFEU",
    "$argon2i$v=19$m=4096,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$M8M9IunYHApl7wj0Dg+5CqEc2CuQPEBiS8OCpfVunfo",
    "$scrypt$ln=12,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$/jx4uMnBLEcnyBJyK5rKAfmnFbwMBoBPE5YY+OEpHOo",
    "$pbkdf2-sha256$i=10000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc",
    "$pbkdf2-sha512$i=10000$MDEyMzQ1Njc4OWFiY2RlZg$Ku2kkJn6DxC9USh74Agbkv4vbBI4ZhZ8d47MX26bL/eRW8hekiZ5S9\
     cnh202r0tlRpHPMeEkni4bLxrm9+9Cvw",
    "$2b$04$kB8hQW96dzc61gdQgystr.Q/NK.FBdGha3I4zf6OwAbpIoIWihyM2",
    "$2a$05$7jD7huD2W5gb7EwGn2mCFeJzsBjK2IXbYGeeILfZrr6R6/z3M.QfC",
    "$2y$04$kB8hQW96dzc61gdQgystr.Q/NK.FBdGha3I4zf6OwAbpIoIWihyM2",
    "000102030405060708090a0b0c0d0e0f:9372e2d20f7c9ba55e54d10569dfe24824c5765383f46b040e9ac7b33041339c514\
     173900cb63a37c935c0e2f40cfe2cb39bee5fe58f54715c1fd913c4638373",
];
const OURS: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

impl Service {
    /// As an import leaves a person.
    pub(crate) async fn store_hash(&self, hash: &str) {
        sqlx::query("UPDATE users SET password_hash = $1")
            .bind(hash)
            .execute(&self.database.pool())
            .await
            .expect("stored");
    }

    pub(crate) async fn stored_hash(&self) -> String {
        sqlx::query_scalar("SELECT password_hash FROM users")
            .fetch_one(&self.database.pool())
            .await
            .expect("there")
    }
}

#[tokio::test]
async fn a_hash_from_elsewhere_is_replaced_by_ours_at_the_first_right_sign_in() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    for hash in HASHES {
        assert_eq!(auth_service::hashing::accept(hash).expect("known").as_str(), hash);
        service.store_hash(hash).await;
        let refused = service.sign_in("ann@example.org", PASSWORD).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
        assert_eq!(service.stored_hash().await, hash);

        let first = service.sign_in("ann@example.org", OLD_PASSWORD).await;
        first.unwrap_or_else(|status| panic!("{hash}: {status}"));
        let ours = service.stored_hash().await;
        assert!(ours.starts_with(OURS), "{hash}: {ours}");
        let again = service.sign_in("ann@example.org", OLD_PASSWORD).await;
        again.expect("the same password still");
        assert_eq!(service.stored_hash().await, ours);
    }
}

#[tokio::test]
async fn a_hash_that_is_stronger_than_ours_stays() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let stronger =
        "$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$L1b1NjppUoj/KIEORq1pof4waLxklM0mqKZzt9nCsKI";
    service.store_hash(stronger).await;
    let session = service.sign_in("ann@example.org", OLD_PASSWORD).await;
    session.expect("signed in");
    assert_eq!(service.stored_hash().await, stronger);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_sign_ins_at_once_all_pass() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    for hash in [HASHES[4], HASHES[7]] {
        service.store_hash(hash).await;
        let mut all = JoinSet::new();
        for _ in 0..10 {
            let mut auth = service.auth();
            all.spawn(async move { auth.sign_in(sign_in("ann@example.org", OLD_PASSWORD)).await });
        }
        for signed_in in all.join_all().await {
            signed_in.expect("the password is right");
        }
        assert!(service.stored_hash().await.starts_with(OURS));
    }
}

#[tokio::test]
async fn a_stored_hash_that_would_cost_too_much_is_nobodys_password_and_costs_one_of_ours() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    let dear =
        "$argon2id$v=19$m=4194304,t=9,p=1$MDEyMzQ1Njc4OWFiY2RlZg$64zw4y6hGNSGW1HTKDajc74EIkJpCJ+AUBXDspyrFEU";
    auth_service::hashing::accept(dear).expect_err("too dear to take in");
    service.store_hash(dear).await;
    let before = service.app.hasher().hashes_done();
    let refused = service.sign_in("ann@example.org", OLD_PASSWORD).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::CredentialsInvalid);
    assert_eq!(service.app.hasher().hashes_done(), before + 1);
}

#[tokio::test]
async fn the_database_takes_known_forms_of_hashes_alone() {
    let service = Service::start().await;
    service.person("ann@example.org").await;
    for hash in ["plain text", "$1$salt$hash", "$2x$10$", "", "$argon2id$"] {
        let stored = sqlx::query("UPDATE users SET password_hash = $1")
            .bind(hash)
            .execute(&service.database.pool())
            .await;
        assert_eq!(stored.is_ok(), hash == "$argon2id$", "{hash}");
    }
}
