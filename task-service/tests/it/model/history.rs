//! What people may do next. Names of things are picks, which mean something only once the history has come there.

mod beginning;
mod imports;
mod values;

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::{Index, select};

use super::memory::{Filter, ORDERS};
pub(super) use beginning::beginning;
pub(super) use imports::Load;
pub(super) use values::{
    Chosen, Date, Etag, Fields, LABELS, Masked, NEVER, Parent, Pick, Target, WORDS, Whose, ZONES,
    is_title_of, notes, request_id, rrule, title,
};
use values::{
    chosen, fields, filters, index, list_pick, new_fields, parent, pick, recurring, repeats, target, trashed,
};

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) who: usize,
    /// How long it takes them.
    pub(super) seconds: u64,
    pub(super) action: Action,
    /// Whether they look at what changed for them afterwards.
    pub(super) follows: bool,
    /// Whether they look at what their stream tells them.
    pub(super) watches: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Write(Write, Option<usize>),
    /// An earlier write, word for word.
    Again(Index),
    Read(Read),
    /// The person is deleted as an owner.
    PurgeOwner,
}

#[derive(Debug, Clone)]
pub(super) enum Write {
    Create(New),
    CreateMany(Vec<New>),
    Update(Edit),
    UpdateMany(Vec<Edit>),
    Complete(Target, Occurrence, &'static str),
    Reopen(Target),
    Cancel(Target),
    Skip(Target, &'static str),
    Move(Target, Option<Option<Pick>>, Option<Option<Pick>>, Place),
    Delete(Target),
    DeleteMany(Vec<Target>),
    Undelete(Target),
    Purge(Target),
    EmptyTrash,
    CreateList(usize, Chosen),
    UpdateList(Target, usize),
    MoveList(Target, Place),
    DeleteList(Target),
    UndeleteList(Target),
    RenameLabel(&'static str, &'static str),
    DeleteLabel(&'static str),
    Import(Load),
}

#[derive(Debug, Clone)]
pub(super) struct New {
    pub(super) chosen: Chosen,
    pub(super) list: Option<Pick>,
    pub(super) parent: Parent,
    pub(super) fields: Fields,
}

#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) target: Target,
    pub(super) fields: Fields,
    pub(super) masked: Masked,
}

/// Which due is meant to be completed.
#[derive(Debug, Clone)]
pub(super) enum Occurrence {
    Unsaid,
    Present,
    /// One that was completed before.
    Past(Index),
    Never,
}

#[derive(Debug, Clone)]
pub(super) enum Place {
    Unsaid,
    First,
    Last,
    Before(Pick),
    After(Pick),
}

#[derive(Debug, Clone)]
pub(super) enum Read {
    Task(Pick),
    Tasks(Vec<Pick>),
    List(Pick),
    ListTasks {
        filter: Filter<Pick>,
        order: &'static str,
        show_deleted: bool,
    },
    ListLists {
        show_deleted: bool,
    },
    Labels,
    Search {
        words: &'static str,
        filter: Filter<Pick>,
    },
    Completions(Pick),
    Events(Pick),
    Usage,
    Export,
}

/// Each kind of action is boxed: all of them together are more than a stack has room for.
pub(super) fn histories(people: usize, steps: usize) -> impl Strategy<Value = Vec<Step>> {
    let looks = (any::<bool>(), weighted(0.2));
    let step = (0..people, 1..600_u64, action(), looks);
    let step = step.prop_map(|(who, seconds, action, (follows, watches))| Step {
        who,
        seconds,
        action,
        follows,
        watches,
    });
    vec(step, steps / 2..=steps)
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        192 => (write(), repeats()).prop_map(|(write, repeat)| Action::Write(write, repeat)),
        32 => index().prop_map(Action::Again),
        64 => read().prop_map(Action::Read),
        // About once in a history.
        2 => Just(Action::PurgeOwner),
    ]
}

fn write() -> BoxedStrategy<Write> {
    prop_oneof![
        12 => prop_oneof![
            6 => new().prop_map(Write::Create),
            2 => vec(new(), 1..4).prop_map(Write::CreateMany),
            4 => edit().prop_map(Write::Update),
            1 => vec(edit(), 1..4).prop_map(Write::UpdateMany),
        ],
        8 => on_state(),
        4 => moves(),
        6 => trash(),
        4 => on_lists(),
        1 => labels(),
        3 => imports::load().prop_map(Write::Import),
    ]
    .boxed()
}

fn new() -> BoxedStrategy<New> {
    (chosen(), list_pick(), parent(), new_fields())
        .prop_map(|(chosen, list, parent, fields)| New {
            chosen,
            // Most parts leave it to their parent.
            list: list
                .filter(|(_, insists)| *insists || matches!(parent, Parent::None))
                .map(|(pick, _)| pick),
            parent,
            fields,
        })
        .boxed()
}

fn edit() -> BoxedStrategy<Edit> {
    let masked = prop_oneof![
        6 => Just(Masked::Named),
        3 => Just(Masked::Unsaid),
        1 => Just(Masked::All),
        1 => Just(Masked::Wrong),
    ];
    (target(), fields(), masked)
        .prop_map(|(target, fields, masked)| Edit {
            target,
            fields,
            masked,
        })
        .boxed()
}

fn on_state() -> BoxedStrategy<Write> {
    let occurrence = prop_oneof![
        4 => Just(Occurrence::Unsaid),
        2 => Just(Occurrence::Present),
        2 => index().prop_map(Occurrence::Past),
        1 => Just(Occurrence::Never),
    ];
    let zone = || select(&ZONES[..]);
    prop_oneof![
        5 => (recurring(), occurrence, zone()).prop_map(|(target, meant, zone)| Write::Complete(target, meant, zone)),
        2 => recurring().prop_map(Write::Reopen),
        1 => target().prop_map(Write::Cancel),
        2 => (recurring(), zone()).prop_map(|(target, zone)| Write::Skip(target, zone)),
    ].boxed()
}

fn moves() -> BoxedStrategy<Write> {
    let list = prop_oneof![
        6 => Just(None),
        1 => Just(Some(None)),
        2 => pick().prop_map(|pick| Some(Some(pick))),
    ];
    let parent = prop_oneof![
        4 => Just(None),
        1 => Just(Some(None)),
        4 => pick().prop_map(|pick| Some(Some(pick))),
    ];
    (target(), list, parent, place())
        .prop_map(|(target, list, parent, place)| Write::Move(target, list, parent, place))
        .boxed()
}

fn place() -> BoxedStrategy<Place> {
    prop_oneof![
        4 => Just(Place::Unsaid),
        2 => Just(Place::First),
        1 => Just(Place::Last),
        1 => pick().prop_map(Place::Before),
        1 => pick().prop_map(Place::After),
    ]
    .boxed()
}

fn trash() -> BoxedStrategy<Write> {
    prop_oneof![
        12 => target().prop_map(Write::Delete),
        2 => vec(target(), 1..4).prop_map(Write::DeleteMany),
        10 => trashed().prop_map(Write::Undelete),
        5 => trashed().prop_map(Write::Purge),
        1 => Just(Write::EmptyTrash),
    ]
    .boxed()
}

fn on_lists() -> BoxedStrategy<Write> {
    prop_oneof![
        3 => (0..3_usize, chosen()).prop_map(|(title, chosen)| Write::CreateList(title, chosen)),
        1 => (target(), 0..3_usize).prop_map(|(target, title)| Write::UpdateList(target, title)),
        2 => (target(), place()).prop_map(|(target, place)| Write::MoveList(target, place)),
        2 => target().prop_map(Write::DeleteList),
        2 => trashed().prop_map(Write::UndeleteList),
    ]
    .boxed()
}

fn labels() -> BoxedStrategy<Write> {
    let label = || select(&LABELS[..]);
    prop_oneof![
        2 => (label(), label()).prop_map(|(from, to)| Write::RenameLabel(from, to)),
        1 => label().prop_map(Write::DeleteLabel),
    ]
    .boxed()
}

fn read() -> BoxedStrategy<Read> {
    let list = (filters(), select(&ORDERS[..]), any::<bool>());
    prop_oneof![
        1 => pick().prop_map(Read::Task),
        1 => vec(pick(), 1..3).prop_map(Read::Tasks),
        1 => pick().prop_map(Read::List),
        4 => list.prop_map(|(filter, order, show_deleted)| Read::ListTasks { filter, order, show_deleted }),
        1 => any::<bool>().prop_map(|show_deleted| Read::ListLists { show_deleted }),
        1 => Just(Read::Labels),
        2 => (select(&WORDS[..]), filters()).prop_map(|(words, filter)| Read::Search { words, filter }),
        1 => pick().prop_map(Read::Completions),
        1 => pick().prop_map(Read::Events),
        1 => Just(Read::Usage),
        1 => Just(Read::Export),
    ]
    .boxed()
}
