//! Which fields an update names (AIP-134): those of the mask, without one those that are set, with `*` all.

use super::fields::Fields;

/// A mask can be as long as a message; its faults must not be many times that.
const PATHS_LIMIT: usize = 100;
/// How much of an unknown path is repeated to its caller.
const PATH_SHOWN_CHARS: usize = 64;

/// What can be named of a resource.
pub(super) struct Paths {
    /// What an update may name.
    pub(super) mutable: &'static [&'static str],
    /// What exists and may not be named, since the server sets it or another method changes it.
    pub(super) not_here: &'static [&'static str],
    /// The first, as a client is told: `title or notes`.
    pub(super) expected: &'static str,
}

/// The mask of a request.
pub(super) struct Mask<'a>(&'a [String]);

impl<'a> Mask<'a> {
    /// Reads a mask; faults are told under `update_mask`.
    pub(super) fn read(fields: &mut Fields, mask: Option<&'a prost_types::FieldMask>, known: &Paths) -> Self {
        let paths = mask.map_or(&[][..], |mask| &mask.paths);
        check(fields, paths, known);
        Self(paths)
    }

    /// Whether an update shall change the field.
    pub(super) fn names(&self, field: &str, is_set: bool) -> bool {
        match self.0 {
            [] => is_set,
            paths => paths.iter().any(|path| path == field || path == "*"),
        }
    }
}

fn check(fields: &mut Fields, paths: &[String], known: &Paths) {
    let expected = known.expected;
    if paths.len() > PATHS_LIMIT {
        fields.fault("update_mask", "There are over 100 paths; name each field once.");
        return;
    }
    for path in paths {
        if path == "*" {
            if paths.len() > 1 {
                fields.fault("update_mask", "* means every field; send it alone.");
            }
        } else if known.not_here.contains(&path.as_str()) {
            fields.fault(
                "update_mask",
                format!("{path} cannot be updated here; name {expected}."),
            );
        } else if !known.mutable.contains(&path.as_str()) {
            fields.fault(
                "update_mask",
                format!(
                    "The path \"{}\" is not known; name {expected}, each whole.",
                    shown(path)
                ),
            );
        }
    }
}

/// A path as its caller may see it again: plain ASCII, and no longer than a name can be.
fn shown(path: &str) -> String {
    let mut escaped = path.chars().flat_map(char::escape_default);
    let shown = escaped.by_ref().take(PATH_SHOWN_CHARS).collect();
    if escaped.next().is_some() {
        return shown + "...";
    }
    shown
}
