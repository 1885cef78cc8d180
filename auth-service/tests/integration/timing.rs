//! Whether somebody has an email cannot be told by the time of an answer. Each test makes thousands of pairs of calls, one
//! for an email that somebody has and one for an email that nobody has, in random order over one connection, every email
//! once, from ever new networks as an attacker would. What is compared is how often the one takes longer than the other:
//! half of the time if nothing can be told (the area under the ROC curve, or Mann and Whitney's U).

use std::time::{Duration, Instant};

use auth_service::domain::Email;
use chassis::Entropy;
use proto::auth::v1 as pb;
use tonic::{Code, Request, Status};
use zeroize::Zeroizing;

use crate::harness::{Mailbox, PASSWORD, Service, say, sign_in, sign_up};

/// An optimised build is a measurement to rely on; in a dev build CI asks whether a difference has crept in.
const PAIRS: usize = if cfg!(debug_assertions) { 1_500 } else { 5_000 };
/// Connections open and caches fill; these do not count.
const WARM_UP: usize = 100;
/// Over three standard errors wide on each side for 5,000 pairs (0.0058 each), and almost two for 1,500.
const CANNOT_TELL: std::ops::Range<f64> = 0.48..0.52;
/// A difference that the same comparison must find, as a part of the call.
const PLANTED: f64 = 0.05;
const BEHIND_A_PROXY: (&str, &str) = ("TANDEM_TRUSTED_PROXIES", "127.0.0.1");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of a minute or, optimised, of some; CI runs it"]
async fn sign_in_takes_as_long_for_an_email_that_nobody_has() {
    let service = Service::start_with(&[BEHIND_A_PROXY]).await;
    add_people(&service).await;
    let times = measure(&service, async |email, network| {
        let refused = service
            .auth()
            .sign_in(from(network, sign_in(email, "not the password")))
            .await;
        assert_eq!(refused.expect_err("wrong").code(), Code::Unauthenticated);
    });
    times.await.assert_alike("sign-in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of a minute or, optimised, of some; CI runs it"]
async fn sign_up_in_verified_mode_takes_as_long_for_an_email_that_nobody_has() {
    let mailbox = Mailbox::new();
    let verified = ("TANDEM_AUTH_REQUIRE_VERIFIED_EMAIL", "true");
    let service = Service::start_with(&[BEHIND_A_PROXY, mailbox.setting(), verified]).await;
    add_people(&service).await;
    let times = measure(&service, async |email, network| {
        let answer = service.auth().sign_up(from(network, sign_up(email))).await;
        assert_eq!(answer.expect("one answer for all").into_inner().session, None);
    });
    times.await.assert_alike("sign-up in verified mode");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of a minute or, optimised, of some; CI runs it"]
async fn a_password_reset_takes_as_long_for_an_email_that_nobody_has() {
    let mailbox = Mailbox::new();
    let service = Service::start_with(&[BEHIND_A_PROXY, mailbox.setting()]).await;
    add_people(&service).await;
    let times = measure(&service, async |email, network| {
        let email = email.to_owned();
        let request = from(network, pb::SendPasswordResetRequest { email });
        let answer: Result<_, Status> = service.auth().send_password_reset(request).await;
        answer.expect("one answer for all");
    });
    times.await.assert_alike("password reset");
}

/// One person for each pair. They are put there as they would be found, since signing each up would take minutes.
async fn add_people(service: &Service) {
    let password = Zeroizing::new(PASSWORD.to_owned());
    let hash = service
        .app
        .hasher()
        .hash(password)
        .await
        .expect("room in the queue");
    let email = Email::parse(&known(0)).expect("an email");
    assert_eq!(
        email.key(),
        known(0),
        "the statement below writes keys of this form"
    );
    let statement =
        "INSERT INTO users (id, email, email_key, password_hash, display_name, role, email_verified,
                                        create_time, update_time)
                     SELECT gen_random_uuid(), email, email, $1, '', 'user', true, now(), now()
                     FROM (SELECT 'known' || to_char(n, 'FM00000') || '@example.org' AS email
                           FROM generate_series(0, $2) n) people";
    sqlx::query(statement)
        .bind(hash)
        .bind(i32::try_from(WARM_UP + PAIRS).expect("few"))
        .execute(&service.database.pool())
        .await
        .expect("added");
}

fn known(number: usize) -> String {
    format!("known{number:05}@example.org")
}

fn unknown(number: usize) -> String {
    format!("other{number:05}@example.org")
}

/// A call from the network of that number, as the trusted proxy tells it.
fn from<T>(network: usize, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let address = format!("10.{}.{}.1", network / 256, network % 256);
    request
        .metadata_mut()
        .insert("x-forwarded-for", address.parse().expect("ASCII"));
    request
}

/// How long calls took, in seconds.
#[derive(Default)]
struct Times {
    known: Vec<f64>,
    unknown: Vec<f64>,
}

async fn measure(service: &Service, call: impl AsyncFn(&str, usize)) -> Times {
    let order = Entropy::seeded(1);
    let mut times = Times::default();
    for number in 0..WARM_UP + PAIRS {
        let [coin] = order.bytes();
        let known_first = coin % 2 == 0;
        let mut pair = [Duration::ZERO; 2];
        for place in 0..2 {
            let is_known = (place == 0) == known_first;
            let email = if is_known { known(number) } else { unknown(number) };
            let begun = Instant::now();
            call(&email, 2 * number + place).await;
            let took = begun.elapsed();
            // Mails become due as time goes on, and are sent meanwhile.
            service.clock.advance(took);
            pair[usize::from(is_known)] = took;
        }
        if number >= WARM_UP {
            times.unknown.push(pair[0].as_secs_f64());
            times.known.push(pair[1].as_secs_f64());
        }
    }
    times
}

impl Times {
    fn assert_alike(&self, what: &str) {
        let (known, unknown) = (median(&self.known), median(&self.unknown));
        let auc = area_under_curve(&self.known, &self.unknown);
        let planted: Vec<_> = self.known.iter().map(|time| time + PLANTED * unknown).collect();
        let found = area_under_curve(&planted, &self.unknown);
        say(&format!(
            "{what}, {} pairs: medians {:.3} ms known, {:.3} ms unknown; AUC {auc:.4}; with {:.0} % planted {found:.4}",
            self.known.len(),
            known * 1e3,
            unknown * 1e3,
            PLANTED * 100.0,
        ));
        assert!(
            found > CANNOT_TELL.end,
            "{what}: this machine is too busy to measure, {found:.4}"
        );
        assert!(
            CANNOT_TELL.contains(&auc),
            "{what}: an email that somebody has can be told, {auc:.4}"
        );
    }
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The chance that one of the first is longer than one of the second; equal ones count half.
fn area_under_curve(first: &[f64], second: &[f64]) -> f64 {
    let mut second = second.to_vec();
    second.sort_by(f64::total_cmp);
    let won = |time: &f64| {
        let shorter = second.partition_point(|other| other < time);
        let not_longer = second.partition_point(|other| other <= time);
        (shorter + not_longer) as f64 / 2.0
    };
    first.iter().map(won).sum::<f64>() / (first.len() * second.len()) as f64
}

#[test]
fn the_area_under_the_curve_is_half_for_equals_and_grows_with_the_difference() {
    let times: Vec<_> = (0..1000).map(f64::from).collect();
    let later = |by: f64| times.iter().map(|time| time + by).collect::<Vec<_>>();
    assert_eq!(area_under_curve(&times, &times), 0.5);
    assert_eq!(area_under_curve(&later(1000.0), &times), 1.0);
    assert_eq!(area_under_curve(&times, &later(1000.0)), 0.0);
    let a_little = area_under_curve(&later(50.0), &times);
    assert!((0.54..0.56).contains(&a_little), "{a_little}");
}
