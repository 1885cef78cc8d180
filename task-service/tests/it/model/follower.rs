//! Who reads the feed of changes page by page, and keeps a copy by it.

use std::collections::BTreeSet;

use super::copy::Copy;
use super::memory::Memory;
use crate::harness::Person;

#[derive(Default)]
pub(super) struct Follower {
    token: String,
    copy: Copy,
}

impl Follower {
    /// Reads on to the end. What came must be just what changed, and the copy then what there is.
    pub(super) async fn read_on(&mut self, person: &Person<'_>, memory: &mut Memory, page_size: i32) {
        let is_first = self.token.is_empty();
        let (mut came, mut last) = (BTreeSet::new(), 0);
        loop {
            let page = person.changes(&self.token, page_size).await.expect("a page");
            for change in page.changes {
                assert!(change.revision > last, "in order");
                last = change.revision;
                came.insert(self.copy.take_in(change.change.expect("never empty")));
            }
            self.token = page.next_sync_token;
            if !page.has_more {
                break;
            }
        }
        let mut unread = std::mem::take(&mut memory.unread);
        if is_first {
            // A new copy has no use for what was gone before.
            unread.retain(|(kind, _)| !kind.starts_with("removed"));
            came.retain(|(kind, _)| !kind.starts_with("removed"));
        }
        assert_eq!(came, unread, "what changed");
        self.copy.compare(memory);
    }
}
