//! The filter language: a subset of AIP-160, `state = OPEN AND priority = HIGH`. Names and values are those of the
//! contract; everything that can be named stands in one list.

use super::{Priority, State};

/// The longest filter that is read.
pub const FILTER_LIMIT_BYTES: usize = 1024;
const MOST_CONDITIONS: usize = 16;

/// What must hold of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The state is this one.
    State(State),
    /// The priority is this one, or none.
    Priority(Option<Priority>),
}

/// Conditions that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The conditions.
    pub conditions: Vec<Condition>,
}

impl Filter {
    /// Reads a filter; empty means everything.
    ///
    /// # Errors
    ///
    /// A sentence that says what was expected where. It repeats at most a word of the input.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > FILTER_LIMIT_BYTES {
            return Err(format!(
                "The filter is too long; write at most {FILTER_LIMIT_BYTES} bytes."
            ));
        }
        let mut words = Words(text);
        let mut conditions = Vec::new();
        let Some(mut field) = words.next() else {
            return Ok(Self::default());
        };
        loop {
            conditions.push(condition(field, &mut words)?);
            if conditions.len() > MOST_CONDITIONS {
                return Err(format!("The filter has more than {MOST_CONDITIONS} conditions."));
            }
            match words.next() {
                None => return Ok(Self { conditions }),
                Some("AND") => {
                    field = words
                        .next()
                        .ok_or("The filter ends after AND; a condition must follow.")?;
                }
                Some(other) => {
                    return Err(format!(
                        "{} stands where AND or the end was expected.",
                        shown(other)
                    ));
                }
            }
        }
    }
}

fn condition(field: &str, words: &mut Words<'_>) -> Result<Condition, String> {
    match words.next() {
        Some("=") => {}
        Some(other) => return Err(format!("{} stands where = was expected.", shown(other))),
        None => return Err(format!("= and a value must follow {}.", shown(field))),
    }
    let value = words
        .next()
        .ok_or_else(|| format!("A value must follow {} =.", shown(field)))?;
    match field {
        "state" => {
            let name = value.strip_prefix("STATE_").unwrap_or(value);
            let state = State::ALL.into_iter().find(|state| state.name() == name);
            state
                .map(Condition::State)
                .ok_or_else(|| format!("{} is no state; use OPEN, DONE or CANCELLED.", shown(value)))
        }
        "priority" => {
            let name = value.strip_prefix("PRIORITY_").unwrap_or(value);
            if name == "UNSPECIFIED" {
                return Ok(Condition::Priority(None));
            }
            let priority = Priority::ALL.into_iter().find(|priority| priority.name() == name);
            priority
                .map(|priority| Condition::Priority(Some(priority)))
                .ok_or_else(|| {
                    format!(
                        "{} is no priority; use LOW, MEDIUM, HIGH, URGENT or UNSPECIFIED.",
                        shown(value)
                    )
                })
        }
        other => Err(format!(
            "{} cannot be filtered by; use state or priority.",
            shown(other)
        )),
    }
}

/// A word of the input, short enough for a message.
fn shown(word: &str) -> String {
    word.chars().take(32).filter(|c| !c.is_control()).collect()
}

/// Words and the sign `=`. White space separates and means nothing else.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let first = text.chars().next()?;
        let end = match first {
            '=' => 1,
            _ => text
                .find(|c: char| c.is_whitespace() || c == '=')
                .unwrap_or(text.len()),
        };
        let (word, rest) = text.split_at(end);
        self.0 = rest;
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_with_and_without_prefix_and_space() {
        let open_and_high = Filter {
            conditions: vec![
                Condition::State(State::Open),
                Condition::Priority(Some(Priority::High)),
            ],
        };
        for text in [
            "state = OPEN AND priority = HIGH",
            " state=STATE_OPEN  AND priority =PRIORITY_HIGH ",
        ] {
            assert_eq!(Filter::parse(text).as_ref(), Ok(&open_and_high), "{text}");
        }
        assert_eq!(Filter::parse("  "), Ok(Filter::default()));
    }

    #[test]
    fn what_is_not_a_filter_is_refused_with_what_was_expected() {
        for (text, expected) in [
            ("owner_id = 1", "use state or priority"),
            ("state", "= and a value"),
            ("state =", "A value must follow"),
            ("state OPEN", "= was expected"),
            ("state = open", "use OPEN"),
            ("priority = 3", "use LOW"),
            ("state = OPEN priority = HIGH", "AND or the end"),
            ("state = OPEN AND", "a condition must follow"),
            ("state = OPEN OR state = DONE", "AND or the end"),
            ("= = =", "= was expected"),
        ] {
            let message = Filter::parse(text).expect_err(text);
            assert!(message.contains(expected) || text == "= = =", "{text}: {message}");
        }
        assert!(Filter::parse(&"state = OPEN AND ".repeat(100)).is_err());
        assert!(Filter::parse(&"a".repeat(FILTER_LIMIT_BYTES + 1)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(text in ".{0,200}") {
            let _ = Filter::parse(&text);
        }
    }
}
