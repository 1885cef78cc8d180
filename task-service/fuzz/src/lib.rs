//! What task-service reads of strangers, each reader as a function of bytes: it returns, soon, and what it returns keeps
//! what the reader promises. cargo-fuzz calls them with what it makes up (`fuzz_targets`); a test of task-service calls
//! them with all that was kept in `corpus`.

mod files;
mod texts;
mod tokens;

pub use files::{import_csv, import_google, import_icalendar, import_json, import_todoist, import_vikunja};
pub use texts::{filter, query, rrule};
pub use tokens::{page_token, sync_token};

/// A reader: panics when a promise is broken.
pub type Reader = fn(&[u8]);

/// Every reader by the name of its target, which is that of its corpus.
pub const READERS: [(&str, Reader); 11] = [
    ("filter", filter),
    ("import_csv", import_csv),
    ("import_google", import_google),
    ("import_icalendar", import_icalendar),
    ("import_json", import_json),
    ("import_todoist", import_todoist),
    ("import_vikunja", import_vikunja),
    ("page_token", page_token),
    ("query", query),
    ("rrule", rrule),
    ("sync_token", sync_token),
];

/// The present of all readers.
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(1_795_000_000, 0).expect("a time in 2026")
}
