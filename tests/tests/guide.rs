//! docs/guide: every method has its example in both languages, and every page works as it stands there.
//!
//! How pages are read stands in `pages`, how the TypeScript is built and run in `typescript`. What a page shows as an
//! answer must come, so that no page promises what is not so.

mod pages;
mod typescript;

use std::process::Command;

use prost::Message as _;
use prost_types::FileDescriptorSet;

use crate::harness::{CLEANER_SECRET, System, path_with_grpcurl, skip, succeed, web_packages};
use pages::{Page, pages};

/// Between the blocks of a page, in what its script says.
const MARK: &str = "@@ the next block @@";

#[test]
fn every_method_has_an_example_in_both_languages() {
    let pages = pages();
    let missing: Vec<_> = methods()
        .into_iter()
        .filter(|(service, method)| !pages.iter().any(|page| page.shows(service, method)))
        .map(|(service, method)| format!("{service}/{method}"))
        .collect();
    assert!(
        missing.is_empty(),
        "no section of docs/guide has a `bash tour` and a `ts` block for {missing:?}"
    );
}

/// All of tandem.tasks.v1, and what its clients need of tandem.auth.v1.
fn methods() -> Vec<(String, String)> {
    const NEEDED: [&str; 4] = ["SignUp", "SignIn", "RefreshSession", "SignOut"];
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("our own descriptors");
    let mut methods = Vec::new();
    for file in &set.file {
        for service in &file.service {
            let full = format!("{}.{}", file.package(), service.name());
            let of_tasks = file.package() == "tandem.tasks.v1";
            let named = service.method.iter().map(|method| method.name());
            let wanted = named
                .filter(|name| of_tasks || (full == "tandem.auth.v1.AuthService" && NEEDED.contains(name)));
            methods.extend(wanted.map(|name| (full.clone(), name.to_owned())));
        }
    }
    assert!(methods.len() > 30, "the descriptors have services");
    methods
}

#[tokio::test]
async fn every_page_works_from_top_to_bottom_with_grpcurl() {
    let path = match path_with_grpcurl().await {
        Ok(path) => path,
        Err(missing) => return skip(missing),
    };
    let system = System::shared().await;
    for page in pages() {
        let script = in_place(&page.script(MARK), &system);
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &script])
            .env("PATH", &path)
            .env("SECRET", CLEANER_SECRET);
        let said = succeed(&mut bash).unwrap_or_else(|complaint| panic!("{}: {complaint}", page.name));
        let said: Vec<_> = said.split(MARK).collect();
        for (place, answer) in page.answers() {
            assert_answered(&page, answer, said[place]);
        }
    }
}

#[tokio::test]
async fn every_page_works_from_top_to_bottom_in_typescript() {
    let packages = match web_packages() {
        Ok(packages) => packages,
        Err(missing) => return skip(missing),
    };
    let pages = pages();
    let project = typescript::Project::of(&pages, &packages);
    let system = System::shared().await;
    for page in pages {
        let said = project.run(&page, &system);
        let promised: Vec<_> = page.printed().collect();
        assert_eq!(said.lines().collect::<Vec<_>>(), promised, "{}", page.name);
    }
}

/// What a page says, at the addresses of this system and of people whom it has never seen.
fn in_place(text: &str, system: &System) -> String {
    let number = u64::from_be_bytes(chassis::Entropy::system().bytes());
    text.replace("127.0.0.1:50051", &system.auth.to_string())
        .replace("127.0.0.1:50052", &system.tasks.to_string())
        .replace("127.0.0.1:8080", &system.web.to_string())
        .replace("@example.com", &format!("@{number:x}.example.com"))
}

/// Every line that the page shows comes, in this order. `...` stands for anything.
#[track_caller]
fn assert_answered(page: &Page, answer: &str, said: &str) {
    let mut lines = said.lines().map(bare);
    for wanted in answer.lines().map(bare) {
        assert!(
            lines.any(|line| pages::fits(wanted, line)),
            "{}: no line like {wanted:?} (any more) in\n{said}",
            page.name
        );
    }
}

/// Without what depends on the neighbours that a page leaves out.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches(',')
}
