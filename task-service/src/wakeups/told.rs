//! What replicas tell each other: a word names the replica it comes from and up to some hundred people who were written
//! for. Words go out in a transaction of their own, so that the lock which Postgres takes for them holds up no write.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chassis::deadline::Deadline;
use chassis::postgres::Listener;
use tokio::time::sleep;
use uuid::Uuid;

use super::{Wakeups, lock};
use crate::app::App;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::{HousekeepingTx, Pool, notifications};

const CHANNEL: &str = "tandem_tasks_written";
/// Between two transactions of words: what is written meanwhile goes with the next.
const GATHERING: Duration = Duration::from_millis(15);
/// How long a transaction of words may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Before the next try when Postgres is away.
const PAUSE: Duration = Duration::from_secs(1);
/// Postgres takes words of less than 8,000 bytes.
const LONGEST_WORD_BYTES: usize = 7_900;
/// More people than this are everybody, so that nothing grows while Postgres is away.
const MOST_PEOPLE: usize = 10_000;
/// In the place of names.
const EVERYBODY: &str = "*";

/// Names a replica, for as long as its process lives.
#[derive(Debug)]
pub(super) struct Origin(String);

impl Origin {
    pub(super) fn new(random: [u8; 8]) -> Self {
        Self(format!("{:016x}", u64::from_be_bytes(random)))
    }
}

/// Whose writes are to be told of.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Untold {
    people: HashSet<Uuid>,
    everybody: bool,
}

impl Untold {
    pub(super) fn add(&mut self, owner: OwnerId) {
        if self.everybody {
            return;
        }
        self.people.insert(owner.uuid());
        if self.people.len() > MOST_PEOPLE {
            *self = Self {
                people: HashSet::new(),
                everybody: true,
            };
        }
    }

    /// What could not be told is to be told with what came since.
    fn put_back(&mut self, before: Self) {
        self.everybody |= before.everybody || self.people.len() + before.people.len() > MOST_PEOPLE;
        match self.everybody {
            true => self.people = HashSet::new(),
            false => self.people.extend(before.people),
        }
    }

    fn words(&self, origin: &Origin) -> Vec<String> {
        if self.everybody {
            return vec![format!("{}{EVERYBODY}", origin.0)];
        }
        let names: Vec<_> = self.people.iter().map(|id| id.simple().to_string()).collect();
        let room = (LONGEST_WORD_BYTES - origin.0.len()) / uuid::fmt::Simple::LENGTH;
        let words = names.chunks(room).map(|names| names.concat());
        words.map(|names| format!("{}{names}", origin.0)).collect()
    }
}

/// What a word says.
#[derive(Debug, PartialEq)]
enum Heard {
    /// What this replica has said itself.
    Own,
    /// These were written for.
    People(Vec<Uuid>),
    /// Anybody may have been.
    Everybody,
}

/// A word that cannot be read, of a later release perhaps, may be about anybody.
fn read(word: &str, origin: &Origin) -> Heard {
    if word.starts_with(&*origin.0) {
        return Heard::Own;
    }
    let names = word.as_bytes().get(origin.0.len()..).unwrap_or_default();
    let people = names
        .chunks(uuid::fmt::Simple::LENGTH)
        .map(|name| Uuid::try_parse_ascii(name).ok());
    people
        .collect::<Option<_>>()
        .map_or(Heard::Everybody, Heard::People)
}

/// Tells the others and hears them, for as long as the service runs.
pub(crate) async fn run(app: Arc<App>) {
    tokio::join!(tell(&app), hear(&app));
}

async fn tell(app: &App) {
    let (wakeups, pool) = (app.pool.wakeups(), app.pool.apart());
    loop {
        wakeups.0.something_to_tell.notified().await;
        let untold = std::mem::take(&mut *lock(&wakeups.0.untold));
        if let Err(error) = send(&pool, &untold.words(&wakeups.0.origin)).await {
            tracing::warn!(error = ?error, "other replicas could not be told of writes; the next try is in a second");
            lock(&wakeups.0.untold).put_back(untold);
            wakeups.0.something_to_tell.notify_one();
            sleep(PAUSE).await;
        }
        sleep(GATHERING).await;
    }
}

async fn send(pool: &Pool, words: &[String]) -> Result<(), Error> {
    let mut tx = HousekeepingTx::begin(pool, Deadline::after(PATIENCE)).await?;
    notifications::send(&mut tx, CHANNEL, words).await?;
    tx.commit().await
}

async fn hear(app: &App) {
    let wakeups = app.pool.wakeups();
    loop {
        if let Err(error) = listen(app, wakeups).await {
            tracing::warn!(%error, "writes at other replicas are not heard of; the next try is in a second");
        }
        wakeups.0.hears_others.set(0);
        sleep(PAUSE).await;
    }
}

/// Comes back when the connection was lost.
async fn listen(app: &App, wakeups: &Wakeups) -> Result<(), sqlx::Error> {
    let mut listener = Listener::listen(app.pool.connections(), CHANNEL).await?;
    // Nobody knows what was missed.
    wakeups.wake_everybody();
    // Through a pooler in transaction mode LISTEN succeeds, and nothing is ever heard: only a word shows that words come.
    listener.say(CHANNEL, &wakeups.0.origin.0).await?;
    loop {
        let word = listener.next().await?;
        wakeups.0.hears_others.set(1);
        match read(&word, &wakeups.0.origin) {
            Heard::Own => {}
            Heard::People(people) => wakeups.wake(&people),
            Heard::Everybody => wakeups.wake_everybody(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untold(people: impl IntoIterator<Item = u128>) -> Untold {
        let mut untold = Untold::default();
        for person in people {
            untold.add(OwnerId::of_test(person));
        }
        untold
    }

    #[test]
    fn words_are_short_enough_and_name_everybody_once() {
        let [here, there] = [Origin::new([1; 8]), Origin::new([2; 8])];
        let words = untold(0..1000).words(&here);
        assert!(words.len() > 1 && words.iter().all(|word| word.len() < 8000));
        let mut people = Vec::new();
        for word in &words {
            assert_eq!(read(word, &here), Heard::Own);
            match read(word, &there) {
                Heard::People(named) => people.extend(named),
                other => panic!("{other:?}"),
            }
        }
        people.sort_unstable();
        assert_eq!(people, (0..1000).map(Uuid::from_u128).collect::<Vec<_>>());
    }

    #[test]
    fn too_many_people_are_everybody() {
        let [here, there] = [Origin::new([1; 8]), Origin::new([2; 8])];
        let mut many = untold(0..=MOST_PEOPLE as u128);
        assert!(many.everybody && many.people.is_empty());
        let words = many.words(&here);
        assert_eq!(words.len(), 1);
        assert_eq!(read(&words[0], &there), Heard::Everybody);
        many.put_back(untold(1..2));
        assert!(many.everybody && many.people.is_empty());
        let mut few = untold(0..9000);
        few.put_back(untold(9000..20_000));
        assert!(few.everybody);
    }

    #[test]
    fn what_could_not_be_told_is_told_with_what_came_since() {
        let mut since = untold(2..4);
        since.put_back(untold(1..3));
        assert_eq!(since, untold(1..4));
    }

    #[test]
    fn a_word_that_cannot_be_read_may_be_about_anybody() {
        let here = Origin::new([1; 8]);
        for word in ["0202020202020202zz", "02020202020202020", "0202020202020202ä"] {
            assert_eq!(read(word, &here), Heard::Everybody, "{word}");
        }
    }
}
