//! What filters mean, and what is said of texts that are none.

use proptest::prelude::*;

use super::*;
use crate::domain::Priority;

fn here() -> Here {
    Here::in_zone("2026-11-21T12:00:00Z".parse().expect("a time"), "Europe/Zurich").expect("a zone")
}

fn parse(text: &str) -> Result<Filter, String> {
    Filter::parse(text, &here())
}

fn meaning(text: &str) -> Expr {
    parse(text).expect(text).expr.expect("not empty")
}

fn state(state: State) -> Expr {
    Expr::Is(Condition::State(state))
}

fn label(name: &str) -> Expr {
    Expr::Is(Condition::Label(Label::parse(name).expect("a label")))
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

#[test]
fn conditions_are_read_with_and_without_prefix_quotes_and_space() {
    let high = Expr::Is(Condition::Priority(Comparison::Equal, Priority::High.number()));
    let open_and_high = Expr::All(vec![state(State::Open), high]);
    for text in [
        "state = OPEN AND priority = HIGH",
        " state=STATE_OPEN  AND priority =PRIORITY_HIGH ",
        "state:OPEN AND (priority = \"HIGH\")",
    ] {
        assert_eq!(meaning(text), open_and_high, "{text}");
    }
    assert_eq!(parse("  "), Ok(Filter::default()));
}

#[test]
fn or_binds_tighter_than_and_and_brackets_decide() {
    let (open, done, home) = (state(State::Open), state(State::Done), label("home"));
    let or = |a: &Expr, b: &Expr| Expr::Any(vec![a.clone(), b.clone()]);
    let and = |a: &Expr, b: &Expr| Expr::All(vec![a.clone(), b.clone()]);
    for (text, expected) in [
        (
            "label:home AND state = OPEN OR state = DONE",
            and(&home, &or(&open, &done)),
        ),
        (
            "(label:home AND state = OPEN) OR state = DONE",
            or(&and(&home, &open), &done),
        ),
        (
            "NOT state = DONE AND -label:home",
            and(&not(done.clone()), &not(home.clone())),
        ),
        ("NOT (state = DONE OR label:home)", not(or(&done, &home))),
        ("state != DONE", not(done.clone())),
    ] {
        assert_eq!(meaning(text), expected, "{text}");
    }
}

#[test]
fn texts_in_quotes_can_be_anything() {
    for (text, name) in [
        (r#"label:"at home""#, "at home"),
        (r#"labels:'say "hi"'"#, r#"say "hi""#),
        (r#"label:"a \"b\" \\ c""#, r#"a "b" \ c"#),
        (r#"label:"AND""#, "AND"),
        (r#"label:"*""#, "*"),
        ("label:日本-2", "日本-2"),
    ] {
        assert_eq!(meaning(text), label(name), "{text}");
    }
    assert_eq!(meaning("label:*"), Expr::Is(Condition::Has(Optional::Labels)));
}

#[test]
fn days_are_compared_with_the_beginnings_of_days_where_the_person_is() {
    let here = here();
    let today = here.today();
    let between = |from, before| {
        let field = DayField::Due;
        Expr::Is(Condition::Between { field, from, before })
    };
    let (start, end) = (here.start_of(today), here.end_of(today));
    for (text, expected) in [
        ("due < today", between(None, Some(start))),
        ("due <= \"2026-11-21\"", between(None, Some(end))),
        ("due > 2026-11-21", between(Some(end), None)),
        ("due >= today", between(Some(start), None)),
        ("due = today", between(Some(start), Some(end))),
        ("today", between(Some(start), Some(end))),
        ("due != today", not(between(Some(start), Some(end)))),
        ("due:*", Expr::Is(Condition::Has(Optional::Due))),
        (
            "overdue",
            Expr::All(vec![state(State::Open), between(None, Some(here.now()))]),
        ),
    ] {
        assert_eq!(meaning(text), expected, "{text}");
    }
}

#[test]
fn an_empty_id_means_the_inbox_or_the_top_level() {
    assert_eq!(meaning("list_id = \"\""), Expr::Is(Condition::List(None)));
    assert_eq!(meaning("parent_id != ''"), not(Expr::Is(Condition::Parent(None))));
    assert_eq!(meaning("parent_id:*"), Expr::Is(Condition::Has(Optional::Parent)));
}

#[test]
fn what_is_not_a_filter_is_refused_with_what_was_expected_where() {
    for (text, at, expected) in [
        ("owner_id = 1", "character 1", "cannot be filtered by; use state"),
        ("\"state\" = OPEN", "character 1", "cannot be filtered by"),
        ("state", "character 1", "a sign such as = must follow"),
        ("state =", "ends", "a value was expected"),
        ("state OPEN", "character 7", "AND, OR or the end"),
        ("state = open", "character 9", "use OPEN"),
        (
            "state < DONE",
            "character 9",
            "< cannot follow state; use = or !=",
        ),
        ("priority = 3", "character 12", "use LOW"),
        ("label = home", "character 9", "use : (label:home)"),
        ("label:\"\"", "character 7", "The label is empty"),
        ("list_id = inbox", "character 11", "a UUID"),
        ("due < tomorrow", "character 7", "a day such as"),
        ("due < 2026-2-3", "character 7", "a day such as"),
        ("due < 2026-02-30", "character 7", "a day such as"),
        ("create_time < 2026-12-01", "character 15", "in quotes"),
        ("title < b", "character 9", "use :, = or !="),
        (
            "state = OPEN priority = HIGH",
            "character 14",
            "AND, OR or the end",
        ),
        ("state = OPEN AND", "ends", "a condition was expected"),
        ("state = OPEN AND OR", "character 18", "a condition was expected"),
        ("(state = OPEN", "ends", ") was expected"),
        ("(state = OPEN]", "ends", ") was expected"),
        ("(state = OPEN \"x\"", "character 15", "AND, OR or )"),
        ("state = OPEN)", "character 13", "AND, OR or the end"),
        ("()", "character 2", "a condition was expected"),
        ("NOT NOT state = OPEN", "character 5", "a condition was expected"),
        ("title = \"a", "character 9", "does not end"),
        ("title = \"a\\n\"", "character 11", "backslash"),
        ("é ! ", "character 3", "write != or NOT"),
        ("= = =", "character 1", "a condition was expected"),
        ("title = \"\0\"", "", "U+0000"),
    ] {
        let message = parse(text).expect_err(text);
        assert!(
            message.contains(expected) && message.contains(at),
            "{text}: {message}"
        );
    }
}

#[test]
fn what_is_too_long_too_deep_or_too_much_is_refused() {
    let message = |text: String| parse(&text).expect_err(&text);
    assert!(message("a".repeat(FILTER_LIMIT_BYTES + 1)).contains("at most 1024 bytes"));
    let deep = |levels| format!("{}state=DONE{}", "(".repeat(levels), ")".repeat(levels));
    assert!(message(deep(FILTER_MOST_LEVELS + 1)).contains("16 brackets"));
    assert!(parse(&deep(FILTER_MOST_LEVELS)).is_ok());
    // Brackets beside each other are no deeper than one.
    assert!(parse(&["(state=DONE)"; 30].join(" AND ")).is_ok());
    assert!(message(vec!["state=DONE"; FILTER_MOST_CONDITIONS + 1].join(" OR ")).contains("32 conditions"));
    assert!(parse(&vec!["state=DONE"; FILTER_MOST_CONDITIONS].join(" OR ")).is_ok());
}

#[test]
fn a_complaint_repeats_a_word_at_the_most() {
    let secret = format!("{}{}", "x".repeat(40), "SECRET");
    for text in [
        format!("{secret} = 1"),
        format!("state = {secret}"),
        format!("state = \"a {secret}\""),
        format!("state = OPEN {secret}"),
        secret.clone(),
    ] {
        let message = parse(&text).expect_err(&text);
        assert!(!message.contains("SECRET") && message.len() < 300, "{message}");
    }
}

/// Texts that once were interesting, one a line; what a fuzzer finds is added.
const CORPUS: &str = include_str!("../../../tests/corpus/filters.txt");

#[test]
fn the_kept_corpus_is_read_without_a_panic_and_what_is_told_is_short() {
    assert!(CORPUS.lines().count() >= 40);
    for text in CORPUS.lines() {
        assert_bounded(text);
        assert_bounded(&text.replace("\\0", "\0"));
    }
}

fn assert_bounded(text: &str) {
    match parse(text) {
        Ok(filter) => assert!(filter.expr.as_ref().map_or(0, count) <= FILTER_MOST_CONDITIONS * 2),
        Err(message) => assert!(message.len() < 400, "{message}"),
    }
}

fn count(expr: &Expr) -> usize {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().map(count).sum(),
        Expr::Not(part) => count(part),
        Expr::Is(_) => 1,
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        assert_bounded(&text);
    }

    #[test]
    fn no_order_of_words_makes_the_parser_panic(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "state", "due", "label", "title", "list_id", "create_time", "today", "overdue", "AND", "OR", "NOT",
                "-", "(", ")", "=", "!=", "<", "<=", ">", ">=", ":", "*", "\"", "'", "\\", "\"\"", "OPEN", "HIGH",
                "2026-12-01", "\"2026-12-01T09:00:00Z\"", "0001-01-01", "9999-12-31", "é", " ",
            ]),
            0..60,
        ),
        space in prop::sample::select(vec!["", " "]),
    ) {
        assert_bounded(&words.join(space));
    }
}
