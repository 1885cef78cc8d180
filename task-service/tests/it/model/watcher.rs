//! Who keeps a copy by streams alone, each begun where the one before ended.

use std::time::Duration;

use proto::tasks::v1 as pb;
use tokio::time::timeout;
use tonic::{Status, Streaming};

use super::copy::Copy;
use super::history;
use super::memory::{Memory, REVOKED};
use super::refusal_of;
use crate::harness::Person;

/// Long enough for a machine that has much else to do.
const SOON: Duration = Duration::from_secs(20);

#[derive(Default)]
pub(super) struct Watcher {
    token: String,
    stream: Option<Streaming<pb::WatchChangesResponse>>,
    copy: Copy,
}

impl Watcher {
    /// Reads until the copy is what there is.
    pub(super) async fn catch_up(&mut self, who: usize, person: &Person<'_>, memory: &mut Memory) {
        let caught_up = timeout(SOON, async {
            while !self.copy.is(memory) {
                self.read(who, person).await.expect("no fault");
            }
        });
        // Whether it came so far or not: what is different is told here.
        let _ = caught_up.await;
        self.copy.compare(memory);
    }

    /// Reads until it is refused. Nothing but an own thing may come before.
    pub(super) async fn until_refused(&mut self, who: usize, person: &Person<'_>) {
        let refused = timeout(SOON, async {
            loop {
                if let Err(status) = self.read(who, person).await {
                    return status;
                }
            }
        });
        let status = refused.await.expect("it ends");
        assert_eq!(refusal_of(&status), REVOKED, "{status:?}");
    }

    /// Takes in the next message, of another stream if this one is over.
    async fn read(&mut self, who: usize, person: &Person<'_>) -> Result<(), Status> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(person.watch(&self.token).await?),
        };
        match stream.message().await? {
            None => self.stream = None,
            Some(message) => {
                self.token = message.next_sync_token;
                for change in message.changes {
                    self.copy.take_in(change.change.expect("never empty"));
                }
                for title in self.copy.titles() {
                    assert!(history::is_title_of(title, who), "{title} came to {who}");
                }
            }
        }
        Ok(())
    }
}
