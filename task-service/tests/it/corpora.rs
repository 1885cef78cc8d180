//! The corpora of the fuzzers (`task-service/fuzz/corpus`), read without a fuzzer: as they are, with faults in them, and made
//! long. No reader panics, breaks a promise or takes long.

pub(crate) mod faults;
#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "the fuzzer's targets are crates of their own")]
mod readers;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::Index;

use faults::{fault, spoilt};
use readers::{READERS, Reader};

/// For one input, in a build that is not optimised and on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(20);
/// So long an input of a file is made.
const LONG_BYTES: usize = 32 * 1024;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(self::folder(folder)).expect("a folder of the fuzzer");
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect()
}

/// The kept inputs of a reader.
fn kept(reader: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder("corpus").join(reader)).expect("a corpus");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read(path).expect("an input"))
        .collect()
}

fn assert_is_read_soon(name: &str, read: Reader, input: &[u8]) {
    let begun = Instant::now();
    read(input);
    let took = begun.elapsed();
    let start = String::from_utf8_lossy(&input[..input.len().min(200)]).into_owned();
    assert!(
        took < PATIENCE,
        "{name} took {took:?} for {} bytes: {start}",
        input.len()
    );
}

/// The input with its middle lines so often that it is long. What is read in full is read line by line.
fn lengthened(input: &[u8]) -> Vec<u8> {
    let ends: Vec<_> = (1..=input.len()).filter(|end| input[end - 1] == b'\n').collect();
    let [first, .., last] = ends[..] else {
        return input.repeat(LONG_BYTES / (input.len() + 1));
    };
    let middle = &input[first..last];
    [
        &input[..first],
        &middle.repeat(LONG_BYTES / middle.len()),
        &input[last..],
    ]
    .concat()
}

#[test]
fn each_reader_has_a_target_of_the_fuzzer_and_a_corpus() {
    let readers: BTreeSet<_> = READERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("fuzz_targets"), readers);
    assert_eq!(names("corpus"), readers);
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("a manifest");
    for name in readers {
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{name}");
    }
}

#[test]
fn what_the_fuzzers_kept_is_read_soon_and_breaks_no_promise() {
    for (name, read) in READERS {
        let kept = kept(name);
        assert!(kept.len() >= 4, "{name}");
        for input in kept {
            assert_is_read_soon(name, read, &input);
        }
    }
}

#[test]
fn what_is_long_takes_no_longer_than_its_length() {
    for (name, read) in READERS {
        let mut kept = kept(name);
        kept.sort_by_key(Vec::len);
        for input in kept.iter().rev().take(3) {
            assert_is_read_soon(name, read, &lengthened(input));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_the_fuzzers_kept_with_faults_in_it_makes_no_reader_panic(
        reader in any::<Index>(),
        input in any::<Index>(),
        faults in proptest::collection::vec(fault(), 1..6),
    ) {
        let (name, read) = reader.get(&READERS);
        assert_is_read_soon(name, *read, &spoilt(input.get(&kept(name)).clone(), &faults));
    }

    #[test]
    fn random_bytes_make_no_reader_panic(
        reader in any::<Index>(),
        input in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let (name, read) = reader.get(&READERS);
        assert_is_read_soon(name, *read, &input);
    }
}
