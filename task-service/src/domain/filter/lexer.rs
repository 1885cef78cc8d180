//! From text to words, signs and texts in quotes. White space separates and means nothing else.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

use super::ast::{Operator, Word};
use super::shown;

/// What a filter is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// A minus at the beginning of a word.
    Minus,
    Sign(Operator),
    Word(Word<'a>),
}

/// With its first character, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed<'a> {
    pub(super) at: usize,
    pub(super) token: Token<'a>,
}

impl Placed<'_> {
    /// For a message.
    pub(super) fn shown(&self) -> String {
        match &self.token {
            Token::Open => "(".to_owned(),
            Token::Close => ")".to_owned(),
            Token::Minus => "-".to_owned(),
            Token::Sign(operator) => operator.sign().to_owned(),
            Token::Word(word) => shown(&word.text),
        }
    }
}

/// All of them.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed<'_>>, String> {
    if text.contains('\0') {
        return Err("The filter contains the character U+0000; remove it.".to_owned());
    }
    let mut lexer = Lexer {
        text,
        chars: text.char_indices().peekable(),
        read: 0,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    /// How many characters were taken.
    read: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<Option<Placed<'a>>, String> {
        while self.take_if(char::is_whitespace).is_some() {}
        let at = self.read + 1;
        let Some((start, first)) = self.take_if(|_| true) else {
            return Ok(None);
        };
        let token = match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '-' => Token::Minus,
            ':' => Token::Sign(Operator::Has),
            '=' => Token::Sign(Operator::Equal),
            '<' => self.or_equal(Operator::Less, Operator::LessOrEqual),
            '>' => self.or_equal(Operator::Greater, Operator::GreaterOrEqual),
            '!' => match self.take_if(|next| next == '=') {
                Some(_) => Token::Sign(Operator::NotEqual),
                None => return Err(format!("At character {at}: ! stands alone; write != or NOT.")),
            },
            '"' | '\'' => Token::Word(Word {
                at,
                text: Cow::Owned(self.quoted(at, first)?),
                is_quoted: true,
            }),
            _ => {
                let mut end = start + first.len_utf8();
                while let Some((next, taken)) = self.take_if(is_of_a_word) {
                    end = next + taken.len_utf8();
                }
                Token::Word(Word {
                    at,
                    text: Cow::Borrowed(&self.text[start..end]),
                    is_quoted: false,
                })
            }
        };
        Ok(Some(Placed { at, token }))
    }

    fn or_equal(&mut self, without: Operator, with: Operator) -> Token<'a> {
        let equal = self.take_if(|next| next == '=');
        Token::Sign(if equal.is_some() { with } else { without })
    }

    /// The rest of a text in quotes. A backslash takes the quote or the backslash behind it as it is.
    fn quoted(&mut self, at: usize, quote: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.take_if(|_| true) {
                None => {
                    return Err(format!(
                        "At character {at}: a quote begins here and does not end."
                    ));
                }
                Some((_, '\\')) => match self.take_if(|next| next == '\\' || next == '"' || next == '\'') {
                    Some((_, escaped)) => text.push(escaped),
                    None => {
                        return Err(format!(
                            "At character {}: a backslash in quotes must stand before a quote or a backslash.",
                            self.read
                        ));
                    }
                },
                Some((_, c)) if c == quote => return Ok(text),
                Some((_, c)) => text.push(c),
            }
        }
    }

    fn take_if(&mut self, wanted: impl FnOnce(char) -> bool) -> Option<(usize, char)> {
        let taken = self.chars.next_if(|(_, c)| wanted(*c));
        self.read += usize::from(taken.is_some());
        taken
    }
}

fn is_of_a_word(c: char) -> bool {
    !c.is_whitespace() && !"()=!<>:\"'".contains(c)
}
