//! What was aimed at: a bound that a figure keeps or not. Nothing fails when it does not.

use std::fmt;

/// A bound on one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

impl Aim {
    /// Whether the figure is within. One that was not measured is not.
    pub(crate) fn met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }

    /// For people: a yes that can be overlooked and a no that cannot.
    pub(crate) fn verdict(aim: Option<Self>, figure: Option<f64>) -> String {
        match aim.zip(figure) {
            None => "-".to_owned(),
            Some((aim, figure)) if aim.met(figure) => "yes".to_owned(),
            Some(_) => "**no**".to_owned(),
        }
    }

    /// For people; a dash where nothing was aimed at.
    pub(crate) fn text(aim: Option<Self>) -> String {
        aim.map_or_else(|| "-".to_owned(), |aim| aim.to_string())
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(out, ">= {least}"),
            Self::AtMost(most) => write!(out, "<= {most}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_itself_is_within_and_what_was_not_measured_is_no_verdict() {
        assert!(Aim::AtLeast(0.9).met(0.9) && !Aim::AtLeast(0.9).met(0.899));
        assert!(Aim::AtMost(8.0).met(8.0) && !Aim::AtMost(8.0).met(8.001));
        assert!(!Aim::AtLeast(0.9).met(f64::NAN) && !Aim::AtMost(8.0).met(f64::NAN));
        assert_eq!(Aim::verdict(Some(Aim::AtMost(8.0)), None), "-");
        assert_eq!(Aim::verdict(Some(Aim::AtMost(8.0)), Some(9.0)), "**no**");
    }
}
