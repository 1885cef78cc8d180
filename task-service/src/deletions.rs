//! How much is deleted at once, and how much was: rows of purged people, of the trash and of records whose time is over.

use chassis::Metrics;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// Rows that one statement deletes.
const ROWS_PER_STEP: i64 = 1000;
/// Steps that one call of PurgeOwner or EmptyTrash takes, a second or so.
const STEPS_PER_CALL: u32 = 20;

/// Why rows were deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Why {
    /// With the account.
    Account,
    /// Their time in the trash was over.
    Trash,
    /// Their owner purged them, or emptied the trash.
    Purge,
    /// The write cannot be repeated any more.
    Request,
    /// The event of a task is too old.
    History,
    /// That something is gone need not be known any more.
    Removal,
}

/// The limits and the count.
#[derive(Debug)]
pub(crate) struct Deletions {
    rows_per_step: i64,
    steps_per_call: u32,
    rows: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Deletions {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let rows = Family::default();
        metrics.register(|registry| {
            registry.register(
                "tandem_tasks_deleted_rows",
                "Rows deleted for good, by why",
                rows.clone(),
            );
        });
        Self {
            rows_per_step: ROWS_PER_STEP,
            steps_per_call: STEPS_PER_CALL,
            rows,
        }
    }

    /// The same with other limits.
    pub(crate) fn limited_to(self, rows_per_step: i64, steps_per_call: u32) -> Self {
        Self {
            rows_per_step,
            steps_per_call,
            ..self
        }
    }

    pub(crate) fn rows_per_step(&self) -> i64 {
        self.rows_per_step
    }

    pub(crate) fn steps_per_call(&self) -> u32 {
        self.steps_per_call
    }

    pub(crate) fn count(&self, why: Why, rows: u64) {
        let why = match why {
            Why::Account => "account",
            Why::Trash => "trash",
            Why::Purge => "purge",
            Why::Request => "request",
            Why::History => "history",
            Why::Removal => "removal",
        };
        self.rows.get_or_create(&[("why", why)]).inc_by(rows);
    }
}
