//! Tables in Markdown, so that they can be kept, and how numbers look in them.

/// The first column is text, the others are numbers.
pub(crate) fn markdown(head: &[&str], lines: impl Iterator<Item = Vec<String>>) -> String {
    let lines: Vec<Vec<String>> = lines.collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column)).map(String::len);
        cells.chain([head[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let row = |cells: Vec<&str>| {
        let padded = cells
            .into_iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(column, width)| match column {
        0 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width - 1)),
    });
    let rule: Vec<String> = rule.collect();
    let mut text = vec![row(head.to_vec()), row(rule.iter().map(String::as_str).collect())];
    text.extend(
        lines
            .iter()
            .map(|line| row(line.iter().map(String::as_str).collect())),
    );
    text.join("\n")
}

/// A number without decimals; a dash where there is none.
pub(crate) fn whole(value: Option<f64>) -> String {
    decimals(value, 0)
}

/// A number with so many decimals; a dash where there is none.
pub(crate) fn decimals(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.places$}"))
}
