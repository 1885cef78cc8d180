//! The commonest passwords, which are refused (OWASP ASVS 6.2.4). Where the list comes from: `data/README.md`.

use std::sync::LazyLock;

static LIST: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../../data/common_passwords.txt").lines().collect());

/// Whether this lower-case text is one of them.
pub(super) fn contains(lower_case: &str) -> bool {
    LIST.binary_search(&lower_case).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_lower_case_and_long_enough_to_matter() {
        assert!(LIST.len() >= 3000);
        assert!(LIST.is_sorted());
        assert!(LIST.iter().all(|p| p.len() >= 8 && *p == p.to_lowercase()));
    }
}
