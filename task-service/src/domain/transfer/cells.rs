//! Cells of CSV that no spreadsheet takes for a formula.
//!
//! A cell that begins with one of `= + - @`, their full-width forms, a tab or a line break gets an apostrophe before it
//! (OWASP, "CSV Injection"). So that reading gives back exactly what was written, a cell that begins with apostrophes and
//! then such a character gets one more, and reading takes one away.

const APOSTROPHE: char = '\'';

fn looks_like_formula(cell: &str) -> bool {
    cell.trim_start_matches(APOSTROPHE).starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

/// The cell for what it holds.
pub(super) fn write(value: &str) -> String {
    match looks_like_formula(value) {
        true => format!("{APOSTROPHE}{value}"),
        false => value.to_owned(),
    }
}

/// What a cell holds.
pub(super) fn read(cell: &str) -> &str {
    match cell.strip_prefix(APOSTROPHE) {
        Some(value) if looks_like_formula(value) => value,
        _ => cell,
    }
}

/// Several names in one cell, with commas between; a backslash stands before a comma or a backslash of a name.
pub(super) fn write_names(names: &[String]) -> String {
    let escaped = names
        .iter()
        .map(|name| name.replace('\\', "\\\\").replace(',', "\\,"));
    escaped.collect::<Vec<_>>().join(", ")
}

/// The names of a cell. White space around them and empty ones mean nothing.
pub(super) fn read_names(cell: &str) -> Vec<String> {
    let (mut names, mut name) = (Vec::new(), String::new());
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        match character {
            ',' => names.push(std::mem::take(&mut name)),
            '\\' => name.push(characters.next().unwrap_or('\\')),
            other => name.push(other),
        }
    }
    names.push(name);
    names.retain(|name| !name.trim().is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_get_an_apostrophe_and_nothing_else_does() {
        for (value, cell) in [
            ("=1+1", "'=1+1"),
            ("+41 44", "'+41 44"),
            ("-2", "'-2"),
            ("@home", "'@home"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("'=x", "''=x"),
            ("\u{ff1d}x", "'\u{ff1d}x"),
            ("it's", "it's"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(write(value), cell);
            assert_eq!(read(cell), value);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(value in "['=+@a\\t\\r\\n,\\\\-]{0,6}", names in proptest::collection::vec("[a,\\\\' ]{1,4}", 0..4)) {
            let cell = write(&value);
            proptest::prop_assert_eq!(read(&cell), value);
            let names: Vec<_> = names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
            let read: Vec<_> = read_names(&write_names(&names)).iter().map(|name| name.trim().to_owned()).collect();
            proptest::prop_assert_eq!(read, names);
        }
    }
}
