//! What the documents point to is there: files behind links, and the tests that are named as proof.

use std::fs;
use std::path::Path;

use crate::harness::{files_below, repository};

#[test]
fn every_link_to_a_file_leads_somewhere() {
    let mut broken = Vec::new();
    for document in files_below(repository(), "md") {
        let text = fs::read_to_string(&document).unwrap();
        let folder = document.parent().unwrap();
        broken.extend(
            links(&text)
                .filter(|link| !folder.join(link).exists())
                .map(|link| format!("{}: {link}", document.display())),
        );
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_test_that_is_named_as_proof_exists() {
    let tests = functions(repository());
    let mut missing = Vec::new();
    let mut named = 0;
    for document in files_below(&repository().join("docs"), "md") {
        let text = fs::read_to_string(&document).unwrap();
        for name in named_tests(&text) {
            named += 1;
            if !tests.contains(&format!("fn {name}(")) {
                missing.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(named > 0, "the pages on accounts name tests");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The sources of all tests, one after the other.
fn functions(root: &Path) -> String {
    let sources = files_below(root, "rs");
    let texts = sources
        .iter()
        .map(|source| fs::read_to_string(source).expect("a source can be read"));
    texts.collect()
}

/// Relative links of a document, without their anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

/// The last part of each `module::sentence_of_a_test` in back quotes.
fn named_tests(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let names = quoted.filter_map(|quoted| quoted.rsplit_once("::"));
    let is_word = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let sentences = names.filter(move |(module, name)| {
        is_word(name) && name.matches('_').count() > 1 && module.split("::").all(is_word)
    });
    sentences.map(|(_, name)| name)
}

#[test]
fn links_and_names_are_read() {
    let text = "[a](b/c.md#d) [e](https://f) [g](#h) `i::a_test_of_j` `k::L::m` `n` `std::io`";
    assert_eq!(links(text).collect::<Vec<_>>(), ["b/c.md"]);
    assert_eq!(named_tests(text).collect::<Vec<_>>(), ["a_test_of_j"]);
}
