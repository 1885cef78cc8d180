//! What is searched for, how near a typo is, and the text around a hit. Texts are compared without case and accents, as
//! `search_text` in the database folds them.

use unicode_normalization::UnicodeNormalization as _;

use super::{Complaint, Task};

/// The longest query in characters.
pub const QUERY_LIMIT: usize = 200;
/// The most words of a query.
pub const QUERY_MOST_WORDS: usize = 8;
/// The longest snippet in characters.
pub const SNIPPET_LIMIT: usize = 160;
/// So much of it stands before the hit.
const BEFORE_HIT: usize = 40;

/// Words that a task must have, each somewhere in its title or notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    words: Vec<String>,
}

impl SearchQuery {
    /// Reads a query.
    ///
    /// # Errors
    ///
    /// What to do about it.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        if text.chars().count() > QUERY_LIMIT {
            return Err("The query is too long; write at most 200 characters.");
        }
        if text.contains('\0') {
            return Err("The query contains the character U+0000; remove it.");
        }
        let mut words: Vec<String> = Vec::new();
        for word in text.split_whitespace().map(folded) {
            // Folding can bring white space of its own.
            for part in word.split_whitespace() {
                if !words.iter().any(|known| known == part) {
                    words.push(part.to_owned());
                }
            }
        }
        match words.len() {
            0 => Err("The query is empty; write a word or a part of one."),
            1..=QUERY_MOST_WORDS => Ok(Self { words }),
            _ => Err("The query has too many words; write at most 8."),
        }
    }

    /// The words, folded.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether each word is in the task, or one like it: so much the function that finds candidates leaves open.
    pub fn is_near(&self, task: &Task) -> bool {
        let text = folded(&format!("{} {}", task.title.as_str(), task.notes.as_str()));
        let there: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).collect();
        let near =
            |word: &String| text.contains(word.as_str()) || there.iter().any(|other| is_typo(word, other));
        self.words.iter().all(near)
    }

    /// Plain text around the first hit: from the title when it has one, else from the notes.
    pub fn snippet(&self, task: &Task) -> String {
        let (title, notes) = (task.title.as_str(), task.notes.as_str());
        match (self.first_hit(title), self.first_hit(notes)) {
            (None, Some(hit)) => cut(notes, hit),
            (hit, _) => cut(title, hit.unwrap_or(0)),
        }
    }

    /// Where the first word that is found begins, in characters of the text as it is.
    fn first_hit(&self, text: &str) -> Option<usize> {
        let (mut fold, mut origins) = (String::new(), Vec::new());
        for (place, c) in text.chars().enumerate() {
            for part in fold_char(c) {
                origins.extend(std::iter::repeat_n(place, part.len_utf8()));
                fold.push(part);
            }
        }
        let exact = self
            .words
            .iter()
            .filter_map(|word| fold.find(word.as_str()))
            .min();
        let near = || {
            let mut at = 0;
            fold.split_inclusive(|c: char| !c.is_alphanumeric())
                .find_map(|part| {
                    let start = at;
                    at += part.len();
                    let other = part.trim_end_matches(|c: char| !c.is_alphanumeric());
                    self.words
                        .iter()
                        .any(|word| is_typo(word, other))
                        .then_some(start)
                })
        };
        exact.or_else(near).and_then(|at| origins.get(at).copied())
    }
}

/// Whether somebody who meant one word may have written the other: one slip in four letters or more, two in eight or
/// more. A slip is a letter too much, too little, another one, or two that changed places.
fn is_typo(written: &str, meant: &str) -> bool {
    let length = written.chars().count();
    let allowed = match length {
        0..=3 => return false,
        4..=7 => 1,
        _ => 2,
    };
    // The longest query is not much compared with; the longest word could be.
    meant.chars().count().abs_diff(length) <= allowed && strsim::osa_distance(written, meant) <= allowed
}

/// In lower case and without accents.
fn folded(text: &str) -> String {
    text.chars().flat_map(fold_char).collect()
}

fn fold_char(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c)
        .nfkd()
        .filter(|c| !is_accent(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !is_accent(*c))
}

/// The accents that `search_text` leaves out; vowel signs of other scripts are none of them.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Text from somewhat before a place on, in one line, with an ellipsis where something is left out.
fn cut(text: &str, hit: usize) -> String {
    let start = hit.saturating_sub(BEFORE_HIT);
    let mut rest = text.chars().skip(start);
    let mut snippet = String::from(if start > 0 { "\u{2026}" } else { "" });
    let mut left = SNIPPET_LIMIT - 2;
    while left > 0 {
        let Some(c) = rest.next() else { break };
        left -= 1;
        let is_space = c.is_whitespace() || c.is_control();
        if !is_space {
            snippet.push(c);
        } else if !snippet.ends_with(' ') && !snippet.is_empty() {
            snippet.push(' ');
        }
    }
    if rest.next().is_some() {
        snippet.push('\u{2026}');
    }
    snippet.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
