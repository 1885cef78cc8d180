//! Page tokens and sync tokens, as text and with what stands in them.

use chassis::PageTokens;
use serde_json::Value;
use task_service::domain::{FeedState, PersonId, Revision, SyncToken};
use uuid::Uuid;

/// Longer ones are not read.
const LONGEST_PAGE_TOKEN: usize = 16 * 1024;
const ALICE: PersonId = PersonId(Uuid::from_u128(0xa11ce));
const EPOCH: Uuid = Uuid::from_u128(7);

/// A page token, and the JSON of a place in one.
pub fn page_token(data: &[u8]) {
    let tokens = PageTokens::new("fuzz", [&[7; 32][..]]);
    let (alice, bob) = (["alice", "ListTasks"], ["bob", "ListTasks"]);
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(Some(place)) = tokens.read::<Value>(&alice, text)
    {
        // Whoever has no key can only send what we made.
        assert_eq!(tokens.make(&alice, &place).as_deref(), Some(text));
    }
    let Ok(place) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let token = tokens.make(&alice, &place).expect("there is a key");
    let read = tokens.read::<Value>(&alice, &token);
    assert_eq!(read.is_ok(), token.len() <= LONGEST_PAGE_TOKEN);
    assert!(tokens.read::<Value>(&bob, &token).is_err());
    for at in (0..token.len()).step_by(token.len() / 16 + 1) {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert!(tokens.read::<Value>(&alice, &changed).is_err(), "{at} of {token}");
    }
}

/// A sync token, and the bytes of one.
pub fn sync_token(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
    // Half of what is made up shall get as far as the numbers.
    if let Some((position, rest)) = data.split_first_chunk()
        && let Some((base, _)) = rest.split_first_chunk()
    {
        let token = SyncToken {
            person: ALICE,
            epoch: EPOCH,
            position: Revision(i64::from_le_bytes(*position)),
            base: Revision(i64::from_le_bytes(*base)),
        };
        let whole = token.position.0 >= 0 && token.base.0 >= 0;
        let text = token.to_text();
        assert_eq!(SyncToken::parse(&text, ALICE), whole.then_some(token));
        assert_eq!(SyncToken::parse(&text, PersonId(Uuid::max())), None);
        read(&text);
    }
}

fn read(text: &str) {
    let Some(token) = SyncToken::parse(text, ALICE) else {
        return;
    };
    assert_eq!(token.to_text(), text);
    assert_eq!(token.person, ALICE);
    for (end, floor) in [(0, 0), (20, 10), (i64::MAX, 0)] {
        let feed = FeedState {
            epoch: EPOCH,
            end: Revision(end),
            floor: Revision(floor),
        };
        if token.continues(feed) {
            assert!(token.epoch == EPOCH && token.position.0 <= end && token.base.0 <= end);
            assert!(token.removals_after().0 >= floor);
        }
    }
}
