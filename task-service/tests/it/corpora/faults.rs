//! Good content with faults in it.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;

/// What becomes of a good content.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    Cut(Index),
    Drop(Index),
    Set(Index, u8),
    Repeat(Index, Index),
    Insert(Index, String),
}

/// One fault.
pub(crate) fn fault() -> impl Strategy<Value = Fault> {
    let words = prop_oneof![
        Just("\0"),
        Just("\u{feff}"),
        Just("\u{2028}"),
        Just("\""),
        Just("'="),
        Just("\\"),
        Just("\r\n "),
        Just("99999999999999"),
        Just("-1"),
        Just("null"),
        Just("{}"),
        Just("BEGIN:VTODO\r\n"),
        Just("T"),
        Just("é"),
        Just(";TZID="),
        Just(" AND NOT "),
        Just("(due < today)"),
        Just(";BYSETPOS=-1"),
        Just("\n"),
    ];
    prop_oneof![
        any::<Index>().prop_map(Fault::Cut),
        any::<Index>().prop_map(Fault::Drop),
        (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Fault::Set(place, byte)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Fault::Repeat(from, to)),
        (any::<Index>(), words).prop_map(|(place, word)| Fault::Insert(place, word.to_owned())),
    ]
}

/// The content with these faults.
pub(crate) fn spoilt(mut content: Vec<u8>, faults: &[Fault]) -> Vec<u8> {
    for fault in faults.iter().filter(|_| !content.is_empty()).collect::<Vec<_>>() {
        if content.is_empty() {
            break;
        }
        let length = content.len();
        match fault {
            Fault::Cut(place) => content.truncate(place.index(length)),
            Fault::Drop(place) => drop(content.remove(place.index(length))),
            Fault::Set(place, byte) => content[place.index(length)] = *byte,
            Fault::Repeat(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                let part = content[from.min(to)..from.max(to)].to_vec();
                content.splice(to..to, part);
            }
            Fault::Insert(place, word) => {
                let place = place.index(length);
                content.splice(place..place, word.bytes());
            }
        }
    }
    content
}
