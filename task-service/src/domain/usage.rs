//! How much a person has, and may have.

/// How much a person has. What is in the trash counts until it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tasks.
    pub tasks: i64,
    /// Lists.
    pub lists: i64,
    /// Bytes of what people wrote.
    pub stored_bytes: i64,
}

/// The most that a person may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tasks.
    pub tasks: i64,
    /// Lists.
    pub lists: i64,
    /// Bytes of what people wrote.
    pub stored_bytes: i64,
    /// Streams that are open on one replica.
    pub streams: u32,
    /// Calls per second that one replica takes, kept up.
    pub calls_per_second: u32,
    /// Calls that one replica takes at once after a rest.
    pub calls_burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tasks: 500_000,
            lists: 10_000,
            stored_bytes: 1 << 30,
            streams: 32,
            calls_per_second: 200,
            calls_burst: 2000,
        }
    }
}

/// What there can be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Tasks.
    Tasks,
    /// Lists.
    Lists,
    /// Bytes of what people wrote.
    StoredBytes,
    /// Streams that are open.
    Streams,
}

impl Limits {
    /// What a write brought above its limit. Who is above it already, since the limit was lowered, can still do with less.
    pub fn exceeded(&self, before: Usage, after: Usage) -> Option<Quota> {
        let over = |before: i64, after: i64, limit: i64| after > limit && after > before;
        if over(before.tasks, after.tasks, self.tasks) {
            Some(Quota::Tasks)
        } else if over(before.lists, after.lists, self.lists) {
            Some(Quota::Lists)
        } else if over(before.stored_bytes, after.stored_bytes, self.stored_bytes) {
            Some(Quota::StoredBytes)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_above_a_limit_is_named_and_what_shrinks_is_let_through() {
        let limits = Limits {
            tasks: 2,
            lists: 2,
            stored_bytes: 100,
            ..Limits::default()
        };
        let usage = |tasks, lists, stored_bytes| Usage {
            tasks,
            lists,
            stored_bytes,
        };
        for (before, after, quota) in [
            (usage(1, 0, 0), usage(2, 0, 100), None),
            (usage(2, 0, 0), usage(3, 0, 0), Some(Quota::Tasks)),
            (usage(0, 2, 0), usage(0, 3, 0), Some(Quota::Lists)),
            (usage(0, 0, 100), usage(0, 0, 101), Some(Quota::StoredBytes)),
            (usage(9, 9, 999), usage(8, 9, 998), None),
        ] {
            assert_eq!(limits.exceeded(before, after), quota, "{before:?} {after:?}");
        }
    }
}
