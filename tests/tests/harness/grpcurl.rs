//! Where grpcurl is: the machine's own, or the one that comes with the Python environment.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Missing, find_program, python};

/// A search path on which grpcurl is, the machine's own before one from the Python environment.
pub(crate) async fn path_with_grpcurl() -> Result<OsString, Missing> {
    let bash = find_program(&["bash"])?;
    let mut folders: Vec<PathBuf> = bash.parent().map(PathBuf::from).into_iter().collect();
    match find_program(&["grpcurl"]) {
        Ok(grpcurl) => folders.extend(grpcurl.parent().map(PathBuf::from)),
        Err(_) => folders.push(python().await?),
    }
    folders.extend(["/usr/bin", "/bin"].map(PathBuf::from));
    Ok(std::env::join_paths(folders).expect("folders of a search path have no colon"))
}
