//! A server whose owner and keeper were both killed still holds the data. Whoever takes the directory's lock
//! next ends it, because nobody else can own it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Error;
use crate::cluster::Progress;
use crate::home::Home;

/// After this a fast shutdown has had its chance.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns once no server works in `home`.
pub(crate) async fn stop(home: &Home, progress: &dyn Fn(Progress)) -> Result<(), Error> {
    let Ok(data) = home.data().canonicalize() else {
        return Ok(());
    };
    let begun = Instant::now();
    let (mut asked, mut insisted) = (false, false);
    while let Some(pid) = holder(&data) {
        if !asked {
            progress(Progress::StoppingLeftover {
                pid: pid.as_raw_nonzero().get().unsigned_abs(),
            });
            let _gone_already = kill_process(pid, Signal::INT);
            asked = true;
        }
        if !insisted && begun.elapsed() > PATIENCE {
            let _gone_already = kill_process(pid, Signal::QUIT);
            insisted = true;
        }
        if begun.elapsed() > 2 * PATIENCE {
            let pid = pid.as_raw_nonzero().get().unsigned_abs();
            return Err(Error::Leftover {
                pid,
                dir: home.dir.clone(),
            });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The living server that holds `data`, if any. A pid file that names a stranger is removed: ids are used again,
/// and Postgres would take the stranger for a server.
fn holder(data: &Path) -> Option<Pid> {
    let file = data.join("postmaster.pid");
    let text = fs::read_to_string(&file).ok()?;
    let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?)?;
    match works_in(pid, data) {
        Some(true) => Some(pid),
        Some(false) => {
            // What happens when it cannot be removed is that Postgres says so itself.
            let _ = fs::remove_file(&file);
            None
        }
        None => None,
    }
}

/// Whether the process works in `data`; `None` when it is gone, a zombie or out of our sight.
fn works_in(pid: Pid, data: &Path) -> Option<bool> {
    let pid = pid.as_raw_nonzero();
    if Path::new("/proc/self/cwd").exists() {
        return Some(fs::read_link(format!("/proc/{pid}/cwd")).ok()? == data);
    }
    let listed = Command::new("ps")
        .args(["-o", "args=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let line = String::from_utf8_lossy(&listed.stdout).into_owned();
    (!line.trim().is_empty()).then(|| line.contains(&*data.to_string_lossy()))
}
