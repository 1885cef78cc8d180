//! Files that people bring: a few rows and perhaps a list, in one of two formats.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any};
use proptest::prop_oneof;
use proto::tasks::v1 as pb;
use proto::tasks::v1::task::State;
use uuid::Uuid;

use super::beginning::id;
use super::values::pick;
use super::{New, Pick, new};

#[derive(Debug, Clone)]
pub(in super::super) struct Load {
    pub(in super::super) format: pb::Format,
    /// Each with where it stands.
    pub(in super::super) rows: Vec<(New, State)>,
    /// The id and the title of a list of the file.
    pub(in super::super) list: Option<(String, usize)>,
    /// Where tasks without a list go.
    pub(in super::super) target: Option<Pick>,
    pub(in super::super) dry_run: bool,
}

pub(super) fn load() -> BoxedStrategy<Load> {
    let format = prop_oneof![2 => Just(pb::Format::Json), 1 => Just(pb::Format::Csv)];
    let state = prop_oneof![
        4 => Just(State::Open),
        1 => Just(State::Done),
        1 => Just(State::Cancelled),
    ];
    let fresh = any::<u64>().prop_map(|low| Uuid::from_u64_pair(0x0193_a0b0_0000_8001, low | 1 << 63));
    let list_id = prop_oneof![
        2 => fresh.prop_map(|id| id.to_string()),
        1 => Just(id(1)),
    ];
    let target = option::weighted(0.3, pick());
    let rows = vec((new(), state), 1..5);
    (
        format,
        rows,
        option::of((list_id, 0..3_usize)),
        target,
        weighted(0.2),
    )
        .prop_map(|(format, rows, list, target, dry_run)| Load {
            format,
            rows,
            list: list.filter(|_| format == pb::Format::Json),
            target,
            dry_run,
        })
        .boxed()
}
