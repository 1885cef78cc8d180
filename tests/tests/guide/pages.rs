//! The pages of docs/guide, read: their blocks, and what stands above which.

use std::fs;

use crate::harness::repository;

const FENCE: &str = "```";
const BASH: &str = "bash tour";
const TYPESCRIPT: &str = "ts";
/// The entry page, whose sections of this beginning every other page goes on from.
const ENTRY: &str = "README";
const BEGIN: &str = "Begin";

/// A page.
pub(super) struct Page {
    /// Its file without `.md`.
    pub(super) name: String,
    /// Scripts that its own go on from.
    begin: Vec<String>,
    blocks: Vec<Block>,
}

/// What is fenced, with the heading that it stands below.
struct Block {
    heading: String,
    info: String,
    text: String,
}

/// Every page, the entry first.
pub(super) fn pages() -> Vec<Page> {
    let folder = repository().join("docs/guide");
    let files = fs::read_dir(&folder).expect("the guide is there").flatten();
    let mut pages: Vec<_> = files
        .map(|file| {
            let text = fs::read_to_string(file.path()).expect("a page can be read");
            let name = file.path().file_stem().expect("a page has a name").to_owned();
            Page {
                name: name.to_string_lossy().into_owned(),
                begin: Vec::new(),
                blocks: blocks(&text),
            }
        })
        .collect();
    pages.sort_by(|one, other| (one.name != ENTRY, &one.name).cmp(&(other.name != ENTRY, &other.name)));
    let begin: Vec<_> = pages[0]
        .blocks
        .iter()
        .filter(|block| block.heading.starts_with(BEGIN) && block.info == BASH)
        .map(|block| block.text.clone())
        .collect();
    assert!(!begin.is_empty(), "the entry page has a beginning");
    for page in &mut pages[1..] {
        page.begin.clone_from(&begin);
    }
    pages
}

impl Page {
    /// Whether a section of its name shows the method in both languages.
    pub(super) fn shows(&self, service: &str, method: &str) -> bool {
        let (first, rest) = method.split_at(1);
        let calls = [
            (BASH, format!("{service}/{method}")),
            (TYPESCRIPT, format!(".{}{rest}(", first.to_lowercase())),
        ];
        calls.iter().all(|(info, call)| {
            let mut section = self.blocks.iter().filter(|block| block.heading == method);
            section.any(|block| block.info == *info && block.text.contains(call))
        })
    }

    /// All that is to be typed into a shell, with a mark said behind each block.
    pub(super) fn script(&self, mark: &str) -> String {
        let own = self.of(BASH);
        let blocks = self.begin.iter().map(String::as_str).chain(own);
        blocks
            .map(|block| format!("{block}printf '%s' '{mark}'\n"))
            .collect()
    }

    /// Each answer that is shown, with the place of the script's block that it belongs to.
    pub(super) fn answers(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut scripts = self.begin.len();
        self.blocks.iter().filter_map(move |block| {
            scripts += usize::from(block.info == BASH);
            block.info.ends_with(" answer").then(|| {
                let place = scripts.checked_sub(1).expect("an answer stands behind its call");
                (place, block.text.as_str())
            })
        })
    }

    /// The page's program.
    pub(super) fn typescript(&self) -> String {
        self.of(TYPESCRIPT).collect()
    }

    /// The one block that is so marked.
    pub(super) fn only(&self, info: &str) -> &str {
        self.of(info)
            .next()
            .expect("the entry page has what a project needs")
    }

    /// What the program must print, as it stands behind each `console.log`.
    pub(super) fn printed(&self) -> impl Iterator<Item = &str> {
        let lines = self.of(TYPESCRIPT).flat_map(str::lines);
        lines.filter(|line| line.contains("console.log(")).map(|line| {
            let (_, printed) = line.split_once("; // ").expect("a page says what is printed");
            printed
        })
    }

    fn of(&self, info: &str) -> impl Iterator<Item = &str> {
        let blocks = self.blocks.iter().filter(move |block| block.info == info);
        blocks.map(|block| block.text.as_str())
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut heading) = (Vec::new(), "");
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix(FENCE) {
            let inside = lines.by_ref().take_while(|line| *line != FENCE);
            blocks.push(Block {
                heading: heading.to_owned(),
                info: info.to_owned(),
                text: inside.flat_map(|line| [line, "\n"]).collect(),
            });
        } else if let Some(next) = line.strip_prefix("## ") {
            heading = next;
        }
    }
    blocks
}

/// Whether a line is as it was shown, `...` standing for anything.
pub(super) fn fits(shown: &str, line: &str) -> bool {
    let mut parts = shown.split("...");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    last.map_or(rest.is_empty(), |last| last.is_empty() || rest.is_empty())
}

#[test]
fn a_page_is_read_by_section() {
    let text = "# A\n## GetTask\n```bash tour\na.B/GetTask\n```\n```json answer\n1\n```\n## ListTasks\n```ts\nx.listTasks(1);\nconsole.log(1); // 1\n```\n";
    let page = Page {
        name: "a".to_owned(),
        begin: vec!["begin\n".to_owned()],
        blocks: blocks(text),
    };
    assert_eq!(
        page.script("@"),
        "begin\nprintf '%s' '@'\na.B/GetTask\nprintf '%s' '@'\n"
    );
    assert_eq!(page.answers().collect::<Vec<_>>(), [(1, "1\n")]);
    assert_eq!(page.printed().collect::<Vec<_>>(), ["1"]);
    assert!(!page.shows("a.B", "GetTask"), "one language is not enough");
    assert!(!page.shows("a.B", "ListTasks"), "nor is the other");
}

#[test]
fn three_dots_stand_for_anything() {
    for (shown, line) in [
        ("a", "a"),
        ("a...", "abc"),
        ("a...c", "abc"),
        ("...b...", "abc"),
        ("\"...\"", "\"\""),
    ] {
        assert!(fits(shown, line), "{shown} {line}");
    }
    for (shown, line) in [("a", "ab"), ("a...c", "abd"), ("...b...", "ac"), ("b", "ab")] {
        assert!(!fits(shown, line), "{shown} {line}");
    }
}
