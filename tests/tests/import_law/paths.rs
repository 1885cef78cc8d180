//! Every path that a Rust file names, in imports and in the middle of code, without understanding anything else of it.
//! Comments and literals name nothing.

/// Paths of two or more names, and single imported ones: `use a::{b, c::d}` gives `a::b` and `a::c::d`.
pub(super) fn paths_in(source: &str) -> Vec<Vec<String>> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            Token::Name(name) if name == "use" => at = tree(&tokens, at + 1, &[], &mut found),
            Token::Name(_) => {
                let before = found.len();
                at = tree(&tokens, at, &[], &mut found);
                // A single name is a word of the language or of the file itself.
                found.truncate(before + usize::from(found.get(before).is_some_and(|path| path.len() > 1)));
            }
            Token::Separator | Token::Sign(_) => at += 1,
        }
    }
    found
}

/// Reads a path, or a group of them below a prefix; returns where it ends.
fn tree(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Separator) => at += 1,
            Some(Token::Name(name)) => {
                path.push(name.clone());
                at += 1;
                if !matches!(tokens.get(at), Some(Token::Separator)) {
                    break;
                }
            }
            Some(Token::Sign('{')) => return group(tokens, at + 1, &path, found),
            // A star, or the end of a path that was cut short.
            _ => break,
        }
    }
    if !path.is_empty() {
        found.push(path);
    }
    at
}

/// Reads the members of a group up to its closing bracket; what follows an `as` names nothing.
fn group(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    loop {
        if !matches!(tokens.get(at), Some(Token::Sign('}'))) {
            at = tree(tokens, at, prefix, found);
        }
        while !matches!(tokens.get(at), None | Some(Token::Sign(',' | '}'))) {
            at += 1;
        }
        at += 1;
        if !matches!(tokens.get(at - 1), Some(Token::Sign(','))) {
            return at;
        }
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Name(String),
    /// `::`
    Separator,
    Sign(char),
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = length_of_silence(rest);
        if skipped > 0 {
            rest = &rest[skipped..];
        } else if rest.starts_with("::") {
            tokens.push(Token::Separator);
            rest = &rest[2..];
        } else if first.is_alphabetic() || first == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// How far a comment or a literal reaches from here; 0 when there is none.
fn length_of_silence(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return text.find("*/").map_or(text.len(), |end| end + 2);
    }
    if let Some(hashes) = raw_string(text) {
        let close = format!("\"{}", "#".repeat(hashes));
        let begin = hashes + 2;
        return text[begin..]
            .find(&close)
            .map_or(text.len(), |end| begin + end + close.len());
    }
    match text.as_bytes() {
        [b'"', ..] => quoted(text, '"'),
        [b'\'', b'\\', ..] => quoted(text, '\''),
        // Anything else after a quote is a lifetime.
        [b'\'', ..] => {
            let mut chars = text.char_indices().skip(2);
            chars
                .next()
                .filter(|(_, close)| *close == '\'')
                .map_or(1, |(end, _)| end + 1)
        }
        _ => 0,
    }
}

/// The number of hashes of `r#"..."#`.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(hashes)
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + quote.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[test]
fn imports_groups_and_paths_in_code_are_read() {
    let source = r##"
        use a::{self, b as c, d::{e, f::*}};
        pub use ::g;
        // use in_a_comment::x;
        /* in_a::block */ fn h<'l>(i: &'l j::k) -> l { "in_a::text"; r#"raw::text"#; ':'; '\''; m!(n::o) }
    "##;
    let paths: Vec<String> = paths_in(source).iter().map(|path| path.join("::")).collect();
    let expected = ["a::self", "a::b", "a::d::e", "a::d::f", "g", "j::k", "n::o"];
    assert_eq!(paths, expected);
}
