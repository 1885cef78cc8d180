//! From words to a tree. As AIP-160 has it, OR binds tighter than AND: `a AND b OR c` is `a AND (b OR c)`.

use super::ast::{Node, Word};
use super::lexer::{Placed, Token};
use super::{FILTER_MOST_CONDITIONS, FILTER_MOST_LEVELS};

/// The tree; `None` when there are no words.
pub(super) fn parse<'a>(tokens: &[Placed<'a>]) -> Result<Option<Node<'a>>, String> {
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser {
        rest: tokens,
        conditions: 0,
        levels: 0,
    };
    let tree = parser.all()?;
    match parser.rest {
        [] => Ok(Some(tree)),
        [next, ..] => Err(stands(next, "AND, OR or the end was expected")),
    }
}

struct Parser<'t, 'a> {
    rest: &'t [Placed<'a>],
    conditions: usize,
    levels: usize,
}

impl<'a> Parser<'_, 'a> {
    fn all(&mut self) -> Result<Node<'a>, String> {
        let mut parts = vec![self.any()?];
        while self.take_keyword("AND") {
            parts.push(self.any()?);
        }
        Ok(joined(parts, Node::All))
    }

    fn any(&mut self) -> Result<Node<'a>, String> {
        let mut parts = vec![self.term()?];
        while self.take_keyword("OR") {
            parts.push(self.term()?);
        }
        Ok(joined(parts, Node::Any))
    }

    fn term(&mut self) -> Result<Node<'a>, String> {
        if self.take_keyword("NOT") || self.take(&Token::Minus) {
            return Ok(Node::Not(Box::new(self.simple()?)));
        }
        self.simple()
    }

    fn simple(&mut self) -> Result<Node<'a>, String> {
        if !self.take(&Token::Open) {
            return self.condition();
        }
        self.levels += 1;
        if self.levels > FILTER_MOST_LEVELS {
            return Err(format!(
                "The filter has more than {FILTER_MOST_LEVELS} brackets in each other."
            ));
        }
        let inner = self.all()?;
        if !self.take(&Token::Close) {
            return Err(match self.rest {
                [] => "The filter ends where ) was expected.".to_owned(),
                [next, ..] => stands(next, "AND, OR or ) was expected"),
            });
        }
        self.levels -= 1;
        Ok(inner)
    }

    fn condition(&mut self) -> Result<Node<'a>, String> {
        self.conditions += 1;
        if self.conditions > FILTER_MOST_CONDITIONS {
            return Err(format!(
                "The filter has more than {FILTER_MOST_CONDITIONS} conditions."
            ));
        }
        let field = self.word("a condition")?;
        let [
            Placed {
                token: Token::Sign(operator),
                ..
            },
            rest @ ..,
        ] = self.rest
        else {
            return Ok(Node::Bare(field));
        };
        self.rest = rest;
        Ok(Node::Comparison {
            field,
            operator: *operator,
            value: self.word("a value")?,
        })
    }

    fn word(&mut self, expected: &str) -> Result<Word<'a>, String> {
        match self.rest {
            [] => Err(format!("The filter ends where {expected} was expected.")),
            [next, rest @ ..] => match &next.token {
                Token::Word(word) if !is_keyword(word) => {
                    self.rest = rest;
                    Ok(word.clone())
                }
                _ => Err(stands(next, &format!("{expected} was expected"))),
            },
        }
    }

    fn take(&mut self, token: &Token<'_>) -> bool {
        match self.rest {
            [next, rest @ ..] if next.token == *token => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        match self.rest {
            [
                Placed {
                    token: Token::Word(word),
                    ..
                },
                rest @ ..,
            ] if !word.is_quoted && word.text == keyword => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}

fn is_keyword(word: &Word<'_>) -> bool {
    !word.is_quoted && ["AND", "OR", "NOT"].contains(&word.text.as_ref())
}

fn joined<'a>(mut parts: Vec<Node<'a>>, join: impl FnOnce(Vec<Node<'a>>) -> Node<'a>) -> Node<'a> {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

fn stands(token: &Placed<'_>, expected: &str) -> String {
    format!(
        "At character {}: {} stands where {expected}.",
        token.at,
        token.shown()
    )
}
