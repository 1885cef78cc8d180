//! What is not a rate: ratios of latencies, a rate for each core, memory for each stream. A line of the second table.

use serde_json::Value;

use crate::aim::Aim;
use crate::figure::Spread;
use crate::table::{decimals, markdown};

/// Something found out once in each repetition.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    pub(crate) aim: Option<Aim>,
    /// Of each repetition.
    pub(crate) values: Vec<f64>,
}

/// The findings of a run, each under its name, in the order in which they were first made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// One more value of what is found out in each repetition.
    pub(crate) fn add(&mut self, what: &'static str, aim: Option<Aim>, value: f64) {
        match self.0.iter_mut().find(|known| known.what == what) {
            Some(known) => known.values.push(value),
            None => self.0.push(Finding {
                what,
                aim,
                values: vec![value],
            }),
        }
    }

    #[cfg(test)]
    fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    /// For people.
    pub(crate) fn markdown(&self) -> String {
        let head = ["what", "min", "median", "max", "aim", "met"];
        markdown(&head, self.0.iter().map(Finding::line))
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        self.0.iter().map(Finding::json).collect()
    }
}

impl Finding {
    pub(crate) fn spread(&self) -> Option<Spread> {
        Spread::of(self.values.iter().copied())
    }

    fn line(&self) -> Vec<String> {
        let spread = self.spread();
        let median = spread.map(|spread| spread.median);
        // Ratios and milliseconds need decimals, rates do not.
        let places = median.map_or(0, |median| if median < 100.0 { 3 } else { 0 });
        vec![
            self.what.to_owned(),
            decimals(spread.map(|spread| spread.min), places),
            decimals(median, places),
            decimals(spread.map(|spread| spread.max), places),
            Aim::text(self.aim),
            Aim::verdict(self.aim, median),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_of_one_thing_come_together_whatever_was_found_between_them() {
        let mut findings = Findings::default();
        for value in [1.0, 3.0, 2.0] {
            findings.add("a ratio", Some(Aim::AtMost(8.0)), value);
            findings.add("another", None, 0.0);
        }
        let lines: Vec<_> = findings.iter().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].spread().map(|spread| spread.median), Some(2.0));
    }
}
