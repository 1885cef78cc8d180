//! Where a move leads to, from the fields that such requests share.

use super::fields::Fields;
use crate::domain::{Complaint, Position};

/// A position whose other one is still text.
pub(super) type Asked<'a> = Option<Position<&'a str>>;

/// What `first` or `last` says: it is there to be true.
pub(super) fn flag<'a>(
    fields: &mut Fields,
    field: &'static str,
    is_set: bool,
    position: Position<&'a str>,
) -> Asked<'a> {
    if !is_set {
        fields.fault(field, "It is false; set it to true, or leave the position out.");
    }
    Some(position)
}

/// Reads a position; none means last. The field of the other one is told too, for later faults.
pub(super) fn parse<Id: PartialEq>(
    fields: &mut Fields,
    asked: Asked<'_>,
    parse_id: impl Fn(&str) -> Result<Id, Complaint>,
    moving: Option<&Id>,
) -> Option<Position<Id>> {
    let mut other = |field: &'static str, text: &str| {
        let id = fields.check(field, parse_id(text))?;
        if Some(&id) == moving {
            fields.fault(field, "Nothing can be placed beside itself; name another.");
        }
        Some(id)
    };
    match asked {
        None | Some(Position::Last) => Some(Position::Last),
        Some(Position::First) => Some(Position::First),
        Some(Position::Before(text)) => other("before_id", text).map(Position::Before),
        Some(Position::After(text)) => other("after_id", text).map(Position::After),
    }
}
