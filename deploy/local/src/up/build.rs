//! The web app, built when its sources are newer than what was built. Nothing here stops the services: without
//! Node, or with a build that fails, they run all the same and the reason is said.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use tokio::process::Command;

use super::data::DataDir;
use super::settings::Settings;
use crate::screen;
use crate::web;

/// What is not a source, not ours, or itself made from the contract.
const NOT_SOURCES: [&str; 4] = ["node_modules", "dist", "test-results", "gen"];

/// The folder of the built app, if there is one in the end.
pub(super) async fn web_app(settings: &Settings, data: &DataDir) -> Option<PathBuf> {
    if let Some(root) = &settings.web_root {
        if !root.join("index.html").is_file() {
            screen::progress(&format!(
                "no index.html in {} (TANDEM_WEB_ROOT), so no web app",
                root.display()
            ));
            return None;
        }
        return Some(root.clone());
    }
    let Some(sources) = web::find_sources() else {
        let built = settings
            .web
            .root
            .join("index.html")
            .is_file()
            .then(|| settings.web.root.clone());
        if built.is_none() {
            screen::progress("no web app here; the services run without it");
        }
        return built;
    };
    if let Err(reason) = build(&sources, &data.path().join("web-build.log")).await {
        screen::progress(&reason);
    }
    let dist = sources.join("dist");
    dist.join("index.html").is_file().then_some(dist)
}

async fn build(sources: &Path, log: &Path) -> Result<(), String> {
    let built = modified(&sources.join("dist/index.html"));
    // The client is generated from the contract.
    let contract = newest(&sources.with_file_name("proto"));
    if built.is_some() && built >= newest(sources).max(contract) {
        return Ok(());
    }
    let npm = Command::new("npm")
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .await;
    if !npm.is_ok_and(|npm| npm.status.success()) {
        return Err(
            "Node with npm is not installed, so no web app is built; the services run all the same".into(),
        );
    }
    let _ = fs::remove_file(log);
    // npm keeps its own note of what it installed; a lock file newer than that has changed since.
    let installed = modified(&sources.join("node_modules/.package-lock.json"));
    if installed.is_none() || installed < modified(&sources.join("package-lock.json")) {
        screen::progress("installing what the web app needs (npm ci)");
        npm_run(sources, log, &["ci", "--no-audit", "--no-fund"]).await?;
    }
    screen::progress("building the web app (npm run build)");
    npm_run(sources, log, &["run", "build"]).await
}

async fn npm_run(sources: &Path, log: &Path, arguments: &[&str]) -> Result<(), String> {
    let failed = |why: String| {
        format!(
            "the web app is not built (npm {}: {why}); the services run all the same",
            arguments[0]
        )
    };
    let open = || -> io::Result<(fs::File, fs::File)> {
        let log = fs::OpenOptions::new().create(true).append(true).open(log)?;
        Ok((log.try_clone()?, log))
    };
    let (out, err) = open().map_err(|error| failed(error.to_string()))?;
    let mut npm = Command::new("npm");
    npm.args(arguments)
        .current_dir(sources)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .kill_on_drop(true);
    // Secrets are none of its business, nor of the packages it runs.
    #[allow(clippy::disallowed_methods, reason = "to take them away, not to read them")]
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TANDEM_") {
            npm.env_remove(name);
        }
    }
    match npm.status().await {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(format!("{status}, see {}", log.display()))),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|found| found.modified()).ok()
}

/// When the youngest source was changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let times = entries.filter_map(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || NOT_SOURCES.contains(&&*name) {
            return None;
        }
        let path = entry.path();
        if path.is_dir() {
            newest(&path)
        } else {
            modified(&path)
        }
    });
    times.max()
}

#[cfg(test)]
mod tests {
    use super::{modified, newest};
    use std::time::{Duration, SystemTime};

    #[test]
    fn only_sources_count() {
        let folder = tempfile::tempdir().unwrap();
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for (path, seconds) in [
            ("src/main.ts", 5),
            ("package.json", 3),
            ("dist/index.html", 9),
            (".cache/x", 9),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::File::create(&path)
                .unwrap()
                .set_modified(at(seconds))
                .unwrap();
        }
        assert_eq!(newest(folder.path()), Some(at(5)));
        assert_eq!(modified(&folder.path().join("dist/index.html")), Some(at(9)));
    }
}
