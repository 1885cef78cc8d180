//! bcrypt hashes from elsewhere, in the forms `$2a$`, `$2b$` and `$2y$`, which are the same function. Like everywhere it
//! looks at the first 72 bytes of a password only, one of the reasons to replace it.

use ::bcrypt::HashParts;

use crate::domain::Complaint;

/// About a second on a slow core.
const MOST_COST: u32 = 14;

pub(super) struct BcryptHash(String);

impl BcryptHash {
    pub(super) fn parse(text: &str) -> Result<Self, Complaint> {
        let parts: HashParts = text.parse().map_err(
            |_| "The bcrypt hash is malformed; it has 60 characters and begins with $2b$ and the cost.",
        )?;
        if text.starts_with("$2x$") {
            return Err("The bcrypt hash comes from a faulty version ($2x$) that is not known here.");
        }
        if parts.get_cost() > MOST_COST {
            return Err("The bcrypt hash costs too much: at most 14.");
        }
        Ok(Self(text.to_owned()))
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        // Compares in constant time.
        ::bcrypt::verify(password, &self.0).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "abcdefghijklmnopqrstuu5Z5NHGlm9Ga7ubZDCmuqCtgvHrGuSl6";

    #[test]
    fn known_forms_pass_up_to_the_highest_cost() {
        for head in ["$2a$04$", "$2b$10$", "$2y$14$"] {
            assert!(BcryptHash::parse(&format!("{head}{REST}")).is_ok(), "{head}");
        }
        for head in [
            "$2b$15$", "$2b$31$", "$2b$99$", "$2x$10$", "$2$10$", "$3b$10$", "$2b$1$",
        ] {
            assert!(BcryptHash::parse(&format!("{head}{REST}")).is_err(), "{head}");
        }
        for text in ["$2", "$2b$10$", "$2b$10$ßßßßßßßßßßßßßßßßßßßßßßßßßß"] {
            assert!(BcryptHash::parse(text).is_err(), "{text}");
        }
    }
}
