//! What is not a rate: ratios of latencies, a rate for each core, memory for each stream. A line of the second table.

use crate::aim::Aim;
use crate::figure::Spread;

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

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }
}

impl Finding {
    pub(crate) fn spread(&self) -> Option<Spread> {
        Spread::of(self.values.iter().copied())
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
