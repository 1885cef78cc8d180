//! The web app's own browser tests, in a real Chromium against a real system. What they say stands in `web/browser`.

use std::path::PathBuf;
use std::process::Command;

use crate::harness::{Missing, System, find_program, repository, skip, succeed, web_packages};

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
    let system = System::start_with_web_app().await;
    let mut tests = Command::new(npm);
    tests
        .current_dir(repository().join("web"))
        .args(["run", "test:browser"])
        .env("TANDEM_WEB_URL", system.origin())
        .env("TANDEM_AUTH_URL", format!("http://{}", system.auth))
        .env("TANDEM_TASKS_URL", format!("http://{}", system.tasks))
        .env("TANDEM_ELSEWHERE_ADDR", system.elsewhere.to_string())
        .env("TANDEM_MAIL_DIR", system.data_dir().join("mail"))
        .env("TANDEM_CHROMIUM", chromium);
    let run = tokio::task::spawn_blocking(move || succeed(&mut tests))
        .await
        .unwrap();
    if let Err(complaint) = run {
        panic!("{complaint}\nthe system said:\n{}", system.log());
    }
}

fn tools() -> Result<(PathBuf, PathBuf), Missing> {
    let tools = (find_program(&["npm"])?, find_program(&CHROMIUM)?);
    web_packages()?;
    Ok(tools)
}
