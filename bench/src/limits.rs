//! What the machine can do at best, without gRPC and Postgres: the same work on all cores at once in a bare loop.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use hugealloc::HugeAlloc;
use proto::access_token::Verifier;

use crate::figure::{CpuPerCall, Figure, Latency};
use crate::machine::cores;

/// Looking at the clock after each verification would cost a tenth of it.
const VERIFICATIONS_AT_ONCE: u32 = 64;

/// Argon2id with the parameters of auth-service (m=19456 KiB, t=2, p=1), each core with memory of its own that it uses again.
pub(crate) fn argon2id(measured: Duration) -> anyhow::Result<Figure> {
    hashes(measured, |blocks| vec![Block::default(); blocks])
}

/// The same in huge pages, as auth-service does it.
pub(crate) fn argon2id_in_huge_pages(measured: Duration) -> anyhow::Result<Figure> {
    hashes(measured, |blocks| {
        let mut memory = allocator_api2::vec::Vec::new_in(HugeAlloc);
        memory.resize(blocks, Block::default());
        memory
    })
}

fn hashes<M: AsMut<[Block]> + Send>(
    measured: Duration,
    memory: impl Fn(usize) -> M,
) -> anyhow::Result<Figure> {
    let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(|fault| anyhow!("{fault}"))?;
    on_all_cores(measured, 1, || {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let mut memory = memory(params.block_count());
        move || {
            let mut hash = [0; 32];
            argon2
                .hash_password_into_with_memory(b"nothing secret here", &[7; 16], &mut hash, memory.as_mut())
                .map_err(|fault| anyhow!("{fault}"))?;
            black_box(hash);
            Ok(())
        }
    })
}

/// Every check of an access token, as the interceptor makes them.
pub(crate) fn verification(measured: Duration, verifier: &Verifier, token: &str) -> anyhow::Result<Figure> {
    on_all_cores(measured, VERIFICATIONS_AT_ONCE, || {
        || {
            for _ in 0..VERIFICATIONS_AT_ONCE {
                let caller = verifier.verify(black_box(token));
                ensure!(caller.is_ok(), "the token was refused: {caller:?}");
                black_box(&caller);
            }
            Ok(())
        }
    })
}

/// Runs what `prepare` gives, once prepared for each core, over and over; it does `at_once` pieces of work each time.
fn on_all_cores<W>(measured: Duration, at_once: u32, prepare: impl Fn() -> W) -> anyhow::Result<Figure>
where
    W: FnMut() -> anyhow::Result<()> + Send,
{
    let cores = cores();
    let work: Vec<W> = (0..cores).map(|_| prepare()).collect();
    let results: Vec<anyhow::Result<(f64, Vec<Duration>)>> = thread::scope(|scope| {
        let threads: Vec<_> = work
            .into_iter()
            .map(|work| scope.spawn(move || repeat(measured, work)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(anyhow!("a thread panicked")))
            })
            .collect()
    });

    let (mut per_second, mut latencies) = (0.0, Vec::new());
    for result in results {
        let (rate, took) = result?;
        per_second += rate * f64::from(at_once);
        latencies.extend(took.into_iter().map(|took| took / at_once));
    }
    latencies.sort();
    let at = |per_mille: usize| {
        let latency = latencies.get(latencies.len() * per_mille / 1000);
        Ok::<_, anyhow::Error>(latency.context("nothing was measured")?.as_secs_f64() * 1e3)
    };
    Ok(Figure {
        per_second,
        latency: Some(Latency {
            p50_ms: at(500)?,
            p99_ms: at(990)?,
            p999_ms: at(999)?,
        }),
        cpu: CpuPerCall {
            driver: Some(cores as f64 * 1e6 / per_second),
            ..CpuPerCall::default()
        },
        errors: BTreeMap::new(),
    })
}

/// How often a second, after one time that does not count, and how long each took.
fn repeat(
    measured: Duration,
    mut work: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<(f64, Vec<Duration>)> {
    work()?;
    let mut took = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < measured {
        let one = Instant::now();
        work()?;
        took.push(one.elapsed());
    }
    Ok((took.len() as f64 / begun.elapsed().as_secs_f64(), took))
}
