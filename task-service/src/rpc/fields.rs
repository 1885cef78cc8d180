//! Gathers what is wrong with a request, so that a client hears of every fault at once.

use std::borrow::Cow;

use crate::error::{Error, Violation};

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// The faults found so far.
#[derive(Default)]
pub(super) struct Fields {
    violations: Vec<Violation>,
    /// The first member of a batch that has one.
    faulty_member: Option<usize>,
    /// Whether a member before this one has a fault.
    is_faulty_before: bool,
}

impl Fields {
    /// The value, or a fault to be told of.
    pub(super) fn check<T, C: Into<Cow<'static, str>>>(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        parsed: Result<T, C>,
    ) -> Option<T> {
        parsed.map_err(|complaint| self.fault(field, complaint)).ok()
    }

    /// How many a page has at most, from `page_size`.
    pub(super) fn page_size(&mut self, asked: i32) -> Option<usize> {
        let size = usize::try_from(asked).map_err(|_| "The size is negative; give 0 for the default of 50.");
        self.check("page_size", size).map(|size| match size {
            0 => DEFAULT_PAGE,
            size => size.min(LARGEST_PAGE),
        })
    }

    /// A fault to be told of.
    pub(super) fn fault(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        complaint: impl Into<Cow<'static, str>>,
    ) {
        self.violations.push(Violation {
            field: field.into(),
            description: complaint.into(),
        });
    }

    /// Whether nothing is wrong so far: what is costly to check can wait until all else is right.
    pub(super) fn are_right(&self) -> bool {
        self.violations.is_empty() && !self.is_faulty_before
    }

    /// What `parse` makes of a member of a batch; its faults are told under the member's place.
    pub(super) fn of_member<T>(
        &mut self,
        index: usize,
        parse: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let mut own = Self {
            is_faulty_before: !self.are_right(),
            ..Self::default()
        };
        let parsed = parse(&mut own);
        if !own.violations.is_empty() {
            self.faulty_member.get_or_insert(index);
            let own = own.violations.into_iter();
            self.violations
                .extend(own.map(|violation| violation.of_member(index)));
        }
        parsed
    }

    /// The value if everything was right. A value that is missing had its fault told.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            _ => Err(match self.faulty_member {
                None => Error::Invalid(self.violations),
                Some(index) => Error::Member(index, Box::new(Error::Invalid(self.violations))),
            }),
        }
    }
}
