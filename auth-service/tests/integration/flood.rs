//! Ten times more sign-ins than the cores can hash: nobody else notices much, and memory stays bounded.
//!
//! Quiet and flooded phases alternate, so that both are measured on the same machine at the same time. Calls go out at
//! their times whether or not earlier ones were answered: a service that stalls cannot hide it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;
use std::time::Duration;

use proto::auth::v1 as pb;
use proto::auth::v1::account_service_client::AccountServiceClient;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tonic::transport::Channel;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::harness::{OwnProcess, authorized, refresh, say, sign_in, sign_up};

const PEOPLE: usize = 20;
/// Of each kind.
const CALLS_PER_SECOND: u32 = 100;
const PHASE: Duration = Duration::from_secs(5);
/// Four quiet ones and four flooded ones: 2,000 calls of each kind in either.
const ROUNDS: usize = 4;
const TIMES_TOO_MANY: f64 = 10.0;
/// The flood's connections, each with 128 calls at once at the most.
const CONNECTIONS: usize = 8;
const MOST_RATIO: f64 = 5.0;
/// After it the threads have given their memory back.
const LULL: Duration = Duration::from_secs(8);
const MIB_PER_THREAD: f64 = 19.0;
const MIB_FOR_THE_REST: f64 = 50.0;

#[test]
#[ignore = "a measurement of half a minute; CI runs it"]
fn a_flood_is_refused_with_a_time_and_takes_no_more_memory_than_the_threads_need() {
    let crowd = runtime();
    let process = crowd.block_on(OwnProcess::start(&[("TANDEM_TRUSTED_PROXIES", "127.0.0.1")]));
    let (idle_mib, _) = process.memory_mib();
    let flood = Arc::new(crowd.block_on(async { Flood::at(&process) }));
    let hashed_per_second = crowd.block_on(flood.clone().capacity());
    for _ in 0..2 {
        crowd.block_on(flood.clone().run(TIMES_TOO_MANY * hashed_per_second));
        // What is given back must not be taken twice.
        std::thread::sleep(LULL);
    }
    let (after_mib, most_mib) = process.memory_mib();
    say(&format!(
        "memory: {idle_mib:.0} MiB idle, {most_mib:.0} MiB at the most, {after_mib:.0} MiB afterwards"
    ));
    let threads = available_parallelism().expect("known").get();
    let limit_mib = idle_mib + threads as f64 * MIB_PER_THREAD + MIB_FOR_THE_REST;
    assert!(most_mib <= limit_mib, "{most_mib} MiB of {limit_mib}");
    assert!(most_mib - after_mib >= MIB_PER_THREAD, "{after_mib} MiB are kept");
    flood.tally.assert_mostly_refused();
}

#[test]
#[ignore = "a measurement of a minute; `just measure` runs it"]
fn ten_times_more_sign_ins_than_can_be_hashed_slow_nobody_down_fivefold() {
    // The flood and those who are measured do not share a thread.
    let (crowd, others) = (runtime(), runtime());
    let process = crowd.block_on(OwnProcess::start(&[("TANDEM_TRUSTED_PROXIES", "127.0.0.1")]));
    let probe = Arc::new(others.block_on(Probe::sign_up(&process)));
    let flood = Arc::new(crowd.block_on(async { Flood::at(&process) }));
    let hashed_per_second = crowd.block_on(flood.clone().capacity());
    let flood_per_second = TIMES_TOO_MANY * hashed_per_second;

    let (mut quiet, mut flooded) = (Latencies::default(), Latencies::default());
    for _ in 0..ROUNDS {
        quiet.extend(others.block_on(probe.clone().measure()));
        let flooding = crowd.spawn(flood.clone().run(flood_per_second));
        flooded.extend(others.block_on(probe.clone().measure()));
        crowd.block_on(flooding).expect("no panic");
    }
    flood.tally.report(hashed_per_second);
    let ratios = quiet.compare(&flooded);
    flood.tally.assert_mostly_refused();
    for ratio in ratios {
        assert!(ratio <= MOST_RATIO, "{ratio} times slower");
    }
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().expect("a thread")
}

/// Who is not part of the flood.
struct Probe {
    sessions: Vec<Mutex<pb::Session>>,
    auth: AuthServiceClient<Channel>,
    account: AccountServiceClient<Channel>,
}

impl Probe {
    async fn sign_up(process: &OwnProcess) -> Self {
        let (mut auth, account) = (process.auth(), process.account());
        let mut sessions = Vec::new();
        for number in 0..PEOPLE {
            let reply = auth
                .sign_up(sign_up(&format!("person{number}@example.org")))
                .await;
            let session = reply.expect("signed up").into_inner().session;
            sessions.push(Mutex::new(session.expect("a session")));
        }
        Self {
            sessions,
            auth,
            account,
        }
    }

    /// A phase of calls of both kinds.
    async fn measure(self: Arc<Self>) -> Latencies {
        let [refreshes, reads] = [true, false].map(|refreshes| {
            let probe = self.clone();
            at_a_steady_rate(f64::from(CALLS_PER_SECOND), PHASE, move |number| {
                probe.clone().call(refreshes, number)
            })
        });
        let (refreshes, reads) = tokio::join!(refreshes, reads);
        Latencies { refreshes, reads }
    }

    async fn call(self: Arc<Self>, refreshes: bool, number: usize) -> Duration {
        let session = &self.sessions[number % PEOPLE];
        let begun = Instant::now();
        let known = session.lock().expect("no panic").clone();
        if refreshes {
            let renewed = refresh(self.auth.clone(), &known.refresh_token).await;
            let renewed = renewed.expect("refreshing is not part of the flood");
            let took = begun.elapsed();
            *session.lock().expect("no panic") = renewed;
            took
        } else {
            let request = authorized(&known.access_token, pb::GetUserRequest {});
            let read = self.account.clone().get_user(request).await;
            read.expect("reading is not part of the flood");
            begun.elapsed()
        }
    }
}

/// Guesses at passwords, each for another email and from another network, so that no throttle stops it.
struct Flood {
    connections: Vec<AuthServiceClient<Channel>>,
    next: AtomicUsize,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    hashed: AtomicUsize,
    refused: AtomicUsize,
    refused_without_time: AtomicUsize,
    other: AtomicUsize,
}

impl Flood {
    fn at(process: &OwnProcess) -> Self {
        Self {
            connections: (0..CONNECTIONS).map(|_| process.auth()).collect(),
            next: AtomicUsize::new(0),
            tally: Tally::default(),
        }
    }

    /// How many can be hashed in a second: as many at once as keep every core busy.
    async fn capacity(self: Arc<Self>) -> f64 {
        let begun = Instant::now();
        let mut busy = JoinSet::new();
        for _ in 0..2 * available_parallelism().expect("known").get() {
            let flood = self.clone();
            busy.spawn(async move {
                while begun.elapsed() < PHASE {
                    flood.guess().await;
                }
            });
        }
        busy.join_all().await;
        let hashed = self.tally.hashed.swap(0, Ordering::Relaxed);
        hashed as f64 / begun.elapsed().as_secs_f64()
    }

    async fn run(self: Arc<Self>, per_second: f64) {
        at_a_steady_rate(per_second, PHASE, move |_| {
            let flood = self.clone();
            async move { flood.guess().await }
        })
        .await;
    }

    async fn guess(&self) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut request = Request::new(sign_in(&format!("nobody{number}@example.org"), "a guess"));
        let network = format!("10.{}.{}.1", number / 256 % 256, number % 256);
        request
            .metadata_mut()
            .insert("x-forwarded-for", network.parse().expect("ASCII"));
        let mut connection = self.connections[number % CONNECTIONS].clone();
        let status = connection.sign_in(request).await.expect_err("nobody's password");
        let count = match status.code() {
            Code::Unauthenticated => &self.tally.hashed,
            Code::ResourceExhausted if status.get_details_retry_info().is_none() => {
                &self.tally.refused_without_time
            }
            Code::ResourceExhausted => &self.tally.refused,
            _ => &self.tally.other,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Tally {
    fn counts(&self) -> [usize; 4] {
        [
            &self.hashed,
            &self.refused,
            &self.refused_without_time,
            &self.other,
        ]
        .map(|count| count.load(Ordering::Relaxed))
    }

    fn report(&self, hashed_per_second: f64) {
        let [hashed, refused, without_time, other] = self.counts();
        say(&format!(
            "flood: {hashed_per_second:.0} sign-ins a second can be hashed, {} were sent in {} s: {hashed} hashed, \
             {refused} refused with RetryInfo, {without_time} without, {other} ended otherwise",
            hashed + refused + without_time + other,
            PHASE.as_secs() * ROUNDS as u64,
        ));
    }

    fn assert_mostly_refused(&self) {
        let [hashed, refused, without_time, other] = self.counts();
        let all = hashed + refused + without_time + other;
        assert!(2 * refused > all, "no flood: {refused} of {all} refused");
        assert_eq!(without_time, 0, "refused without RetryInfo");
        // A time-out is an honest answer as well, but not what a full queue is for.
        assert!(100 * other < all, "{other} of {all} ended otherwise");
    }
}

#[derive(Default)]
struct Latencies {
    refreshes: Vec<Duration>,
    reads: Vec<Duration>,
}

impl Latencies {
    fn extend(&mut self, more: Self) {
        self.refreshes.extend(more.refreshes);
        self.reads.extend(more.reads);
    }

    /// How many times longer the slowest hundredth takes.
    fn compare(&self, flooded: &Self) -> [f64; 2] {
        [
            ("RefreshSession", &self.refreshes, &flooded.refreshes),
            ("GetUser", &self.reads, &flooded.reads),
        ]
        .map(|(name, quiet, flooded)| {
            let [(quiet50, quiet99), (flooded50, flooded99)] =
                [quiet, flooded].map(|times| percentiles_ms(times));
            let ratio = flooded99 / quiet99;
            say(&format!(
                "{name}, {} calls each: p50 {quiet50:.1} ms quiet, {flooded50:.1} ms in the flood; \
                 p99 {quiet99:.1} ms, {flooded99:.1} ms: {ratio:.1} times",
                quiet.len(),
            ));
            ratio
        })
    }
}

/// The median and the slowest hundredth's least.
fn percentiles_ms(times: &[Duration]) -> (f64, f64) {
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = |hundredths: usize| sorted[sorted.len() * hundredths / 100].as_secs_f64() * 1e3;
    (at(50), at(99))
}

/// Begins calls at equal distances, whatever becomes of earlier ones, and waits for all. Each is told its number.
async fn at_a_steady_rate<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    per_second: f64,
    time: Duration,
    call: impl Fn(usize) -> F,
) -> Vec<T> {
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..(time.as_secs_f64() * per_second) as usize {
        sleep_until(begun + Duration::from_secs_f64(number as f64 / per_second)).await;
        calls.spawn_on(call(number), &Handle::current());
    }
    calls.join_all().await
}
