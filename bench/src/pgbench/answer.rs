//! What pgbench prints (Postgres 15 and later), as far as we read it.

use anyhow::Context as _;

/// One run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Answer {
    /// Transactions a second, without the time to connect.
    pub(super) per_second: f64,
    /// Mean, in milliseconds; not a number where nothing was done.
    pub(super) latency_ms: f64,
    /// Transactions that came to nothing.
    pub(super) failed: u64,
}

impl Answer {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches([' ', '=', ':']).split(' ').next()
        };
        let number = |name: &str| {
            let number = value(name).and_then(|value| value.parse::<f64>().ok());
            number.with_context(|| format!("pgbench said nothing of {name}:\n{text}"))
        };
        // A server that was busy with its disk for the whole time: pgbench then leaves the rest out.
        if number("number of transactions actually processed")? == 0.0 {
            return Ok(Self {
                per_second: 0.0,
                latency_ms: f64::NAN,
                failed: 0,
            });
        }
        Ok(Self {
            per_second: number("tps")?,
            latency_ms: number("latency average")?,
            failed: number("number of failed transactions")? as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: point-read.sql
scaling factor: 1
query mode: prepared
number of clients: 16
number of threads: 2
maximum number of tries: 1
duration: 1 s
number of transactions actually processed: 22758
number of failed transactions: 3 (0.013%)
latency average = 0.707 ms
initial connection time = 25.325 ms
tps = 22640.923783 (without initial connection time)
";

    #[test]
    fn rate_latency_and_failures_are_found() {
        let expected = Answer {
            per_second: 22_640.923_783,
            latency_ms: 0.707,
            failed: 3,
        };
        assert_eq!(Answer::parse(TEXT).unwrap(), expected);
    }

    #[test]
    fn a_run_in_which_nothing_was_done_is_none_a_second() {
        let text = "number of transactions actually processed: 0\nnumber of failed transactions: 0 (NaN%)\n";
        let answer = Answer::parse(text).unwrap();
        assert_eq!(answer.per_second, 0.0);
        assert!(answer.latency_ms.is_nan());
    }

    #[test]
    fn a_text_of_another_kind_is_shown_and_never_taken_for_a_figure() {
        let said = Answer::parse("pgbench: aborted").unwrap_err().to_string();
        assert!(said.contains("pgbench: aborted"), "{said}");
        let text = TEXT.replace("tps = 22640.923783", "tps = fast");
        assert!(Answer::parse(&text).is_err());
    }
}
