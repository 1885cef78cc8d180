//! What people may do next.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::{Index, select};
use uuid::Uuid;

/// An id that nobody ever gets.
pub(super) const NEVER: Uuid = Uuid::from_u128(0x0193_a0b0_0000_7000_8000_0000_0000_0001);

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) who: usize,
    pub(super) action: Action,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Create {
        title: usize,
        priority: i32,
        chosen: Chosen,
        repeat: Option<usize>,
    },
    Get(Pick),
    List {
        order: &'static str,
        filter: &'static str,
        show_deleted: bool,
    },
    Write(Write, Target),
    /// An earlier write with a request id, word for word.
    Again(Index),
}

/// The id of a new task.
#[derive(Debug, Clone)]
pub(super) enum Chosen {
    ByServer,
    Fresh(Uuid),
    /// One that somebody has already.
    Used(Pick),
}

#[derive(Debug, Clone)]
pub(super) enum Write {
    Update {
        title: Option<usize>,
        priority: Option<i32>,
    },
    Complete,
    Reopen,
    Cancel,
    Delete,
    Undelete,
}

#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) task: Pick,
    pub(super) etag: Etag,
    /// Which of the few request ids.
    pub(super) repeat: Option<usize>,
}

/// Some task, an own one or anybody's.
#[derive(Debug, Clone)]
pub(super) struct Pick {
    pub(super) own: bool,
    pub(super) index: Index,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Etag {
    None,
    Current,
    Stale,
}

/// So few that people meet each other's, and their own again.
pub(super) fn request_id(repeat: usize) -> String {
    Uuid::from_u128(0x0193_a0b0_0000_7000_8000_0000_0000_0100 + repeat as u128).to_string()
}

pub(super) fn histories(steps: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (0..3usize, action()).prop_map(|(who, action)| Step { who, action });
    vec(step, steps / 2..=steps)
}

fn action() -> impl Strategy<Value = Action> {
    let create =
        (titles(), priorities(), chosen(), repeats()).prop_map(|(title, priority, chosen, repeat)| {
            Action::Create {
                title,
                priority,
                chosen,
                repeat,
            }
        });
    let orders = select(
        &[
            "rank",
            "title",
            "title desc",
            "priority",
            "priority desc",
            "create_time",
        ][..],
    );
    let filters = select(
        &[
            "",
            "state = OPEN",
            "state = DONE",
            "priority = HIGH",
            "priority = UNSPECIFIED",
        ][..],
    );
    let list = (orders, filters, any::<bool>()).prop_map(|(order, filter, show_deleted)| Action::List {
        order,
        filter,
        show_deleted,
    });
    prop_oneof![
        3 => create,
        2 => pick().prop_map(Action::Get),
        2 => list,
        10 => (write(), target()).prop_map(|(write, target)| Action::Write(write, target)),
        4 => any::<Index>().prop_map(Action::Again),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    let update = (option::of(titles()), option::of(priorities()));
    prop_oneof![
        2 => update.prop_map(|(title, priority)| Write::Update { title, priority }),
        2 => Just(Write::Complete),
        1 => Just(Write::Reopen),
        1 => Just(Write::Cancel),
        1 => Just(Write::Delete),
        1 => Just(Write::Undelete),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    let etags = prop_oneof![6 => Just(Etag::None), 3 => Just(Etag::Current), 1 => Just(Etag::Stale)];
    (pick(), etags, repeats()).prop_map(|(task, etag, repeat)| Target { task, etag, repeat })
}

fn chosen() -> impl Strategy<Value = Chosen> {
    // UUIDs of version 8, apart from those that the server makes.
    let fresh = any::<u64>().prop_map(|low| Uuid::from_u64_pair(0x0193_a0b0_0000_8000, low | 1 << 63));
    prop_oneof![
        4 => Just(Chosen::ByServer),
        1 => fresh.prop_map(Chosen::Fresh),
        2 => pick().prop_map(Chosen::Used),
    ]
}

fn pick() -> impl Strategy<Value = Pick> {
    let own = prop_oneof![2 => Just(true), 1 => Just(false)];
    (own, any::<Index>()).prop_map(|(own, index)| Pick { own, index })
}

fn repeats() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![1 => Just(None), 1 => (0..8usize).prop_map(Some)]
}

fn titles() -> impl Strategy<Value = usize> {
    0..3usize
}

fn priorities() -> impl Strategy<Value = i32> {
    select(&[0, 1, 3][..])
}
