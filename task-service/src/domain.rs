//! The rules of tasks: pure, given the present. What may never be put here: I/O, SQL, wire types.

mod etag;
mod filter;
mod here;
mod ids;
mod labels;
mod list;
mod notes;
mod order;
mod position;
mod priority;
mod rank;
mod recurrence;
mod search;
mod state;
mod sync_token;
mod task;
mod task_event;
mod title;
pub mod transfer;
mod usage;
mod when;

pub use etag::{Etag, Revision};
pub use filter::{
    Comparison, Condition, DayField, Expr, FILTER_LIMIT_BYTES, FILTER_MOST_CONDITIONS, FILTER_MOST_LEVELS,
    Filter, Optional, TimeField,
};
pub use here::{Here, Moment};
pub use ids::{CompletionId, DeletionId, ListId, PersonId, RequestId, TaskId};
pub use labels::{Label, Labels};
pub use list::{List, ListTitle};
pub use notes::Notes;
pub use order::{OrderBy, SortField};
pub use position::Position;
pub use priority::Priority;
pub use rank::Rank;
pub use recurrence::{Basis, Recurrence};
pub use search::{QUERY_LIMIT, QUERY_MOST_WORDS, SNIPPET_LIMIT, SearchQuery};
pub use state::State;
pub use sync_token::{FeedState, SyncToken};
pub use task::{Completion, MOST_LEVELS, NewTask, TRASH_LIFE, Task, TaskChange};
pub use task_event::{FieldChange, Happened, TaskEvent};
pub use title::Title;
pub use usage::{Limits, Quota, Usage};
pub use when::When;

/// What is wrong with a field and what to do, as a sentence for people. Never repeats the input.
pub type Complaint = &'static str;
