//! One service as a process of its own: this same program, told by its first argument what to be.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use chassis::probe;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, ChildStdin, Command};

use crate::screen;

/// Longer than any part's own drain takes.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// A running part.
pub(super) struct Part {
    name: &'static str,
    child: Child,
    _lifeline: Option<ChildStdin>,
}

impl Part {
    /// Starts `tandem NAME` with these variables on top of ours, `None` taking one away.
    pub(super) fn start(
        name: &'static str,
        environment: &[(String, Option<String>)],
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([name, "--with-parent"]);
        for (variable, value) in environment {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        // The pipe is the lifeline; a group of its own keeps the terminal's Ctrl-C for us.
        command.stdin(Stdio::piped()).process_group(0);
        let mut child = command.spawn().with_context(|| format!("starting {name}"))?;
        let lifeline = child.stdin.take();
        Ok(Self {
            name,
            child,
            _lifeline: lifeline,
        })
    }

    /// Waits for an end that nobody asked for, and says how it was.
    pub(super) async fn ended(&mut self) -> anyhow::Error {
        let ended = self.child.wait().await;
        anyhow::anyhow!(
            "{} {} by itself; the reason stands above",
            self.name,
            describe(&ended)
        )
    }

    pub(super) fn ask_to_stop(&self) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(pid) = pid {
            // It may be gone already, which is what was asked for.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Waits for the end, and brings it about when it does not come.
    pub(super) async fn stop(mut self) {
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => {}
            Ok(ended) => screen::progress(&format!("{} {}", self.name, describe(&ended))),
            Err(_) => {
                screen::progress(&format!("{} does not end and is killed", self.name));
                // What cannot be killed ends with us, by its lifeline.
                let _ = self.child.kill().await;
            }
        }
    }
}

fn describe(ended: &std::io::Result<ExitStatus>) -> String {
    match ended {
        Ok(status) => format!("ended with {status}"),
        Err(error) => format!("is lost: {error}"),
    }
}

/// Waits until the service of that name says that it is ready.
pub(super) async fn ready(name: &str, url: &str, certificate: Option<&[u8]>, service: &str) {
    while probe::check_trusting(url, certificate, service).await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
    screen::progress(&format!("{name} is ready"));
}
