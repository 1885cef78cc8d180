//! Refusals as programs read them.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Both what kind of refusal it is and why.
#[track_caller]
pub(crate) fn assert_refused(status: &Status, code: Code, reason: &str) {
    assert_eq!(status.code(), code, "{status}");
    let info = status.get_details_error_info();
    assert_eq!(info.map(|info| info.reason).as_deref(), Some(reason), "{status}");
}
