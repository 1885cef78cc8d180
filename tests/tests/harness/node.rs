//! Packages for Node: a folder below `target/` with what the Node snippet needs, made once for each list of packages, and
//! those of the web app.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use super::binary::modified;
use super::{Missing, find_program, repository, succeed, target_dir};

/// `node`, and the folder from which it finds the packages.
pub(crate) fn node() -> Result<(PathBuf, PathBuf), Missing> {
    let (node, npm) = (find_program(&["node"])?, find_program(&["npm"])?);
    let list = repository().join("tests/clients/node/package.json");
    let wanted = fs::read_to_string(list).expect("the client lists what it needs");
    let folder = target_dir().join("tandem-tests/node");
    let made = folder.join("package.json.made");
    if fs::read_to_string(&made).is_ok_and(|made| made == wanted) {
        return Ok((node, folder));
    }
    fs::create_dir_all(&folder).expect("target can be written");
    fs::write(folder.join("package.json"), &wanted).expect("target can be written");
    let install = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
    succeed(Command::new(npm).args(install).current_dir(&folder))?;
    fs::write(made, wanted).expect("target can be written");
    Ok((node, folder))
}

/// `node_modules` of the web app, with the generator of TypeScript clients and the compiler. What is missing or older than
/// the lock file is installed first: `tandem up` would do it while somebody else reads there.
pub(crate) fn web_packages() -> Result<PathBuf, Missing> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock();
    find_program(&["node"])?;
    let npm = find_program(&["npm"])?;
    let web = repository().join("web");
    let packages = web.join("node_modules");
    // npm's own note of what it installed.
    let installed = modified(&packages.join(".package-lock.json"));
    if installed.is_none() || installed < modified(&web.join("package-lock.json")) {
        let install = ["ci", "--no-audit", "--no-fund"];
        succeed(Command::new(npm).args(install).current_dir(web))
            .map_err(|reason| Missing(format!("what the web app needs cannot be installed: {reason}")))?;
    }
    Ok(packages)
}
