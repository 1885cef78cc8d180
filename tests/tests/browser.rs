//! The web app's own browser tests, in a real Chromium against a real system. What they say stands in `web/browser`.

use std::path::PathBuf;
use std::process::Command;

use crate::harness::{Missing, System, find_program, repository, skip, succeed};

const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

#[tokio::test]
async fn the_web_app_works_in_a_real_browser() {
    let (npm, chromium) = match tools() {
        Ok(tools) => tools,
        Err(missing) => return skip(missing),
    };
    let web = repository().join("web");
    let npm = || {
        let mut command = Command::new(&npm);
        command.current_dir(&web);
        command
    };
    if !web.join("node_modules").is_dir()
        && let Err(reason) = succeed(npm().args(["ci", "--no-audit", "--no-fund"]))
    {
        return skip(Missing(format!(
            "what the web app needs cannot be installed: {reason}"
        )));
    }
    let system = System::start_with_web_app().await;
    let mut tests = npm();
    tests
        .args(["run", "test:browser"])
        .env("TANDEM_WEB_URL", system.origin())
        .env("TANDEM_CHROMIUM", chromium);
    let run = tokio::task::spawn_blocking(move || succeed(&mut tests))
        .await
        .unwrap();
    if let Err(complaint) = run {
        panic!("{complaint}\nthe system said:\n{}", system.log());
    }
}

fn tools() -> Result<(PathBuf, PathBuf), Missing> {
    find_program(&["node"])?;
    Ok((find_program(&["npm"])?, find_program(&CHROMIUM)?))
}
