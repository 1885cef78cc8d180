//! Keyset pages: read one row more than asked for, and give a token for the rest, bound to who asked and for what.

use chassis::PageTokenInvalid;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fields::invalid;
use crate::app::App;
use crate::error::Error;

const DEFAULT_SIZE: usize = 50;
const LARGEST_SIZE: usize = 1000;

/// What was asked for. `K` is the sort key of a row.
pub(super) struct Page<K> {
    /// The row that the page comes behind.
    pub(super) after: Option<K>,
    size: usize,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Reads size and token of a request. `bound` is who asks, and for what.
    pub(super) fn read(app: &App, bound: &[String], size: i32, token: &str) -> Result<Self, Error> {
        let size = usize::try_from(size)
            .map_err(|_| invalid("page_size", "The size is negative; give 0 for the default of 50."))?;
        Ok(Self {
            after: app
                .page_tokens
                .read(bound, token)
                .map_err(|PageTokenInvalid| Error::PageToken)?,
            size: match size {
                0 => DEFAULT_SIZE,
                size => size.min(LARGEST_SIZE),
            },
        })
    }

    /// How many rows to read: one more than the page holds.
    pub(super) fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// The rows of the page, and the token for those behind it; empty when there are none.
    pub(super) fn cut<T>(
        &self,
        app: &App,
        bound: &[String],
        mut rows: Vec<T>,
        key: impl Fn(&T) -> K,
    ) -> Result<(Vec<T>, String), Error> {
        let more = rows.len() > self.size;
        rows.truncate(self.size);
        let token = match rows.last() {
            Some(last) if more => app
                .page_tokens
                .make(bound, &key(last))
                .ok_or_else(|| Error::internal("no key for page tokens"))?,
            _ => String::new(),
        };
        Ok((rows, token))
    }
}
