//! A Python environment below `target/` with what the clients need. Made once for each list of requirements.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tokio::sync::Mutex;

use super::{Missing, find_program, repository, succeed, target_dir};

/// The programs of an environment, `bin` of a venv.
pub(crate) async fn python() -> Result<PathBuf, Missing> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
    let _one = ONE_AT_A_TIME.lock().await;
    tokio::task::spawn_blocking(make)
        .await
        .expect("making a venv does not panic")
}

fn make() -> Result<PathBuf, Missing> {
    let requirements = repository().join("tests/clients/python/requirements.txt");
    let wanted = fs::read_to_string(&requirements).expect("the client lists what it needs");
    let folder = target_dir().join("tandem-tests/python");
    let (bin, made) = (folder.join("bin"), folder.join("requirements.made"));
    if fs::read_to_string(&made).is_ok_and(|made| made == wanted) && bin.join("python").exists() {
        return Ok(bin);
    }
    let python = find_program(&["python3"])?;
    succeed(Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
    ];
    succeed(Command::new(bin.join("python")).args(pip).arg(requirements))?;
    fs::write(made, wanted).expect("target can be written");
    Ok(bin)
}
