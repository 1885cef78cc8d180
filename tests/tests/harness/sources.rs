//! What people wrote in this repository: neither what a build made nor what others did.

use std::fs;
use std::path::{Path, PathBuf};

const NOT_OURS: [&str; 5] = ["target", "node_modules", "dist", "gen", "test-results"];

/// All files below a folder with this extension.
pub(crate) fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    each_entry(folder, &mut |path| {
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path.to_owned());
        }
    });
    files
}

/// Visits all files and folders below a folder.
pub(crate) fn each_entry(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder)
        .expect("the repository can be read")
        .flatten()
    {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if NOT_OURS.contains(&&*name) || name.starts_with('.') {
            continue;
        }
        visit(&path);
        if path.is_dir() {
            each_entry(&path, visit);
        }
    }
}
