//! What the document says: a section for each database (`## tandem_auth`), in it a section for each table (`### users`),
//! in it tables whose first heading says what they list: column, constraint, index or policy.

use super::Facts;

const KINDS: [&str; 4] = ["column", "constraint", "index", "policy"];

pub(super) fn facts(text: &str, database: &str) -> Facts {
    let mut facts = Facts::new();
    let (mut here, mut table, mut kind) = (false, "", None);
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            (here, table) = (heading == database, "");
        } else if let Some(heading) = line.strip_prefix("### ") {
            table = heading;
        } else if !line.starts_with('|') {
            kind = None;
        } else if here {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match (
                kind,
                cells[0].strip_prefix('`').and_then(|name| name.strip_suffix('`')),
            ) {
                (Some(kind), Some(name)) => drop(facts.insert(fact(table, kind, name, &cells[1..]))),
                _ => kind = KINDS.into_iter().find(|kind| *kind == cells[0]).or(kind),
            }
        }
    }
    facts
}

/// Whether the diagram in the section of that database has a box for the table.
pub(super) fn draws(text: &str, database: &str, table: &str) -> bool {
    let mut lines = text
        .lines()
        .skip_while(|line| line.strip_prefix("## ") != Some(database))
        .skip(1);
    let section = lines.by_ref().take_while(|line| !line.starts_with("## "));
    let mut diagram = section
        .skip_while(|line| *line != "```mermaid")
        .take_while(|line| *line != "```");
    diagram.any(|line| line.trim() == format!("{table} {{"))
}

fn fact(table: &str, kind: &str, name: &str, rest: &[&str]) -> String {
    let said = rest.first().copied().unwrap_or_default();
    let rest = match kind {
        "column" => format!(" {said}"),
        "constraint" if !said.starts_with("references") => String::new(),
        "constraint" if said.contains("cascade") => " on delete cascade".to_owned(),
        "constraint" => " no cascade".to_owned(),
        _ => String::new(),
    };
    format!("{table}: {kind} {name}{rest}")
}

#[test]
fn a_table_without_a_box_is_noticed() {
    let text = "## one\n```mermaid\nerDiagram\n  a {\n  }\n```\n  b {\n## two\n```mermaid\n  c {\n  }\n```\n";
    assert!(draws(text, "one", "a") && draws(text, "two", "c"));
    assert!(!draws(text, "one", "b") && !draws(text, "one", "c") && !draws(text, "two", "a"));
}

#[test]
fn facts_are_read_from_the_section_of_their_database_alone() {
    let text = "\
## one
### things
| column | type | what |
|---|---|---|
| `id` | uuid | the key |
| `end` | date, null | `not` this |

| constraint | rule |
|---|---|
| `things_pkey` | key (`id`) |
| `things_owner_fkey` | references owners, on delete cascade |

| what | else |
|---|---|
| `nothing` | of it |
## two
### things
| index | on |
|---|---|
| `other_idx` | `id` |
";
    let expected = [
        "things: column end date, null",
        "things: column id uuid",
        "things: constraint things_owner_fkey on delete cascade",
        "things: constraint things_pkey",
    ];
    assert_eq!(facts(text, "one"), expected.map(str::to_owned).into());
    assert_eq!(facts(text, "two"), ["things: index other_idx".to_owned()].into());
}
