//! The TypeScript of the pages as a project of its own, made as the entry page tells a reader to: a client generated from
//! the contract, checked and compiled by `tsc`, run by Node. Only the packages are the web app's.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::in_place;
use super::pages::Page;
use crate::harness::{CLEANER_SECRET, System, find_program, repository, succeed};

/// A project that was checked and compiled.
pub(super) struct Project {
    folder: TempDir,
}

impl Project {
    /// All pages in one project.
    pub(super) fn of(pages: &[Page], packages: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let project = Self { folder };
        let entry = &pages[0];
        for (file, text) in [
            ("package.json", r#"{"type": "module"}"#),
            ("buf.gen.yaml", entry.only("yaml")),
            ("tsconfig.json", entry.only("json tsconfig")),
            ("tandem.ts", entry.only("ts tandem")),
        ] {
            project.write(file, text);
        }
        for page in pages {
            project.write(&format!("{}.ts", page.name), &page.typescript());
        }
        symlink(packages, project.file("node_modules")).expect("a link can be made");

        let programs = packages.join(".bin");
        let mut path = vec![programs.clone()];
        path.extend(node().parent().map(Path::to_owned));
        path.extend(["/usr/bin", "/bin"].map(PathBuf::from));
        let path = std::env::join_paths(path).expect("folders of a search path have no colon");
        for (program, arguments) in [
            (
                "buf",
                vec![
                    "generate".to_owned(),
                    repository().join("proto").display().to_string(),
                ],
            ),
            ("tsc", Vec::new()),
        ] {
            let mut command = Command::new(programs.join(program));
            command.args(arguments).current_dir(project.folder.path());
            succeed(command.env("PATH", &path)).unwrap_or_else(|complaint| panic!("{complaint}"));
        }
        project
    }

    /// What the program of a page prints.
    pub(super) fn run(&self, page: &Page, system: &System) -> String {
        let main = format!("{}.js", page.name);
        // Those of one page are at one system together; the next page has people of its own.
        let compiled = ["tandem.js", &main].map(|file| {
            let text = fs::read_to_string(self.file("out").join(file)).expect("it was compiled");
            format!("{file}\0{text}")
        });
        let there = in_place(&compiled.join("\0"), system);
        let mut parts = there.split('\0');
        let folder = tempfile::tempdir_in(self.folder.path()).expect("a temporary folder can be made");
        while let (Some(file), Some(text)) = (parts.next(), parts.next()) {
            fs::write(folder.path().join(file), text).expect("a new folder can be written");
        }
        symlink(self.file("out/gen"), folder.path().join("gen")).expect("a link can be made");
        let mut program = Command::new(node());
        program
            .arg(folder.path().join(&main))
            .env("SECRET", CLEANER_SECRET);
        succeed(&mut program).unwrap_or_else(|complaint| panic!("{}: {complaint}", page.name))
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.file(file), text).expect("a new folder can be written");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn node() -> PathBuf {
    find_program(&["node"]).expect("the packages were looked for with it")
}
