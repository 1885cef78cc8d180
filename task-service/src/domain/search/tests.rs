//! What queries are, what is near a word, and what a snippet shows.

use proptest::prelude::*;

use super::*;
use crate::domain::{Labels, Notes, Rank, Revision, State, TaskId, Title};

fn query(text: &str) -> SearchQuery {
    SearchQuery::parse(text).expect(text)
}

fn task(title: &str, notes: &str) -> Task {
    let time = chrono::DateTime::UNIX_EPOCH;
    Task {
        id: TaskId(uuid::Uuid::nil()),
        revision: Revision(1),
        list_id: None,
        parent_id: None,
        title: Title::parse(title).expect("a title"),
        notes: Notes::parse(notes.to_owned()).expect("notes"),
        state: State::Open,
        priority: None,
        labels: Labels::default(),
        start: None,
        due: None,
        recurrence: None,
        occurrence_number: 1,
        rank: Rank::stored("80".to_owned()),
        create_time: time,
        update_time: time,
        complete_time: None,
        delete_time: None,
        purge_time: None,
        deletion_id: None,
    }
}

#[test]
fn a_query_is_words_without_case_accents_and_repeats() {
    assert_eq!(
        query("  Milk  ZÜRICH zurich\tCafé ").words(),
        ["milk", "zurich", "cafe"]
    );
    assert_eq!(query("100% c++ \"x\"").words(), ["100%", "c++", "\"x\""]);
    for wrong in [
        "",
        " \n ",
        "\u{301}",
        "a\0b",
        &"x".repeat(201),
        "a b c d e f g h i",
    ] {
        assert!(SearchQuery::parse(wrong).is_err(), "{wrong:?}");
    }
    assert!(SearchQuery::parse(&"x".repeat(200)).is_ok());
}

#[test]
fn one_slip_is_forgiven_in_four_letters_and_two_in_eight() {
    let milk = task("Buy milk", "and Groceries, of course: Zürich");
    for near in [
        "milk",
        "mikl",
        "milc",
        "grocries",
        "gorcereis",
        "zurihc",
        "cuorse",
        "rocer",
    ] {
        assert!(query(near).is_near(&milk), "{near}");
    }
    for far in ["mlki2", "mil2k3", "xil", "grcries2x", "bread", "milk bread"] {
        assert!(!query(far).is_near(&milk), "{far}");
    }
}

#[test]
fn a_snippet_is_the_text_around_the_first_hit_in_one_line() {
    let long = format!(
        "{}\n\nthe Dentist\tcalls {}",
        "before ".repeat(30),
        "after ".repeat(50)
    );
    let snippet = query("dentist").snippet(&task("Call", &long));
    assert!(snippet.starts_with('…') && snippet.ends_with('…'), "{snippet}");
    assert!(snippet.contains("the Dentist calls after"), "{snippet}");
    assert!(snippet.chars().count() <= SNIPPET_LIMIT);

    assert_eq!(query("milk").snippet(&task("Buy milk", "milk it is")), "Buy milk");
    assert_eq!(query("zurich").snippet(&task("A", "In Zürich")), "In Zürich");
    assert_eq!(
        query("groceris").snippet(&task("A", "No groceries")),
        "No groceries"
    );
    // A slip that is none of this text still shows what the task is.
    assert_eq!(query("xyz").snippet(&task("Title", "Notes")), "Title");
}

#[test]
fn letters_that_fold_to_several_or_none_do_not_move_the_snippet() {
    let notes = format!("{}ﬁnd e\u{301}te\u{301} İstanbul", "ß".repeat(100));
    for word in ["find", "ete", "istanbul"] {
        let snippet = query(word).snippet(&task("T", &notes));
        assert!(snippet.contains("İstanbul"), "{word}: {snippet}");
    }
}

/// Texts that once were interesting, one a line; what a fuzzer finds is added.
const CORPUS: &str = include_str!("../../../tests/corpus/queries.txt");

#[test]
fn the_kept_corpus_is_read_without_a_panic() {
    assert!(CORPUS.lines().count() >= 20);
    for text in CORPUS.lines() {
        assert_bounded(text, "Title", text);
        assert_bounded(text, "Grocery", "notes\nof milk");
    }
}

fn assert_bounded(text: &str, title: &str, notes: &str) {
    let Ok(query) = SearchQuery::parse(text) else {
        return;
    };
    assert!(query.words().len() <= QUERY_MOST_WORDS);
    let Ok(notes) = Notes::parse(notes.to_owned()) else {
        return;
    };
    let task = Task {
        notes,
        ..task(title, "")
    };
    let snippet = query.snippet(&task);
    assert!(snippet.chars().count() <= SNIPPET_LIMIT, "{snippet}");
    assert!(!snippet.chars().any(char::is_control), "{snippet:?}");
    query.is_near(&task);
}

proptest! {
    #[test]
    fn no_query_and_no_text_makes_search_panic(text in "\\PC{0,220}", notes in "[\\PC\\n\\t]{0,300}") {
        assert_bounded(&text, "Title", &notes);
    }
}
