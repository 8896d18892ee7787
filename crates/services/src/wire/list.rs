//! Paging (spec 2.6).

use crate::rules::Refusal;

/// The platform's largest page.
pub const PAGE_SIZE_MAX: i64 = 100;

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: i64,
    /// From 1 to [`PAGE_SIZE_MAX`].
    pub size: i64,
}

impl Page {
    /// From what was asked: without a number page 1, without a size the largest, a larger one clamped.
    ///
    /// # Errors
    /// 901002 for a page or a size below 1.
    pub fn of(number: Option<i64>, size: Option<i64>) -> Result<Self, Refusal> {
        let (number, size) = (number.unwrap_or(1), size.unwrap_or(PAGE_SIZE_MAX));
        if number < 1 {
            return Err(Refusal::argument("page", "a number from 1"));
        }
        if size < 1 {
            return Err(Refusal::argument("pageSize", "a number from 1 to 100"));
        }
        Ok(Self { number, size: size.min(PAGE_SIZE_MAX) })
    }

    /// Records before this page.
    #[must_use]
    pub const fn offset(self) -> i64 {
        (self.number - 1).saturating_mul(self.size)
    }

    /// Whether records come after this page.
    #[must_use]
    pub const fn has_more(self, count: i64) -> bool {
        self.number.saturating_mul(self.size) < count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_start_at_one_and_hold_a_hundred_at_most() {
        assert_eq!(Page::of(None, None), Ok(Page { number: 1, size: 100 }));
        assert_eq!(Page::of(Some(3), Some(500)), Ok(Page { number: 3, size: 100 }));
        assert!(Page::of(Some(0), None).is_err() && Page::of(None, Some(0)).is_err());
        let page = Page { number: 2, size: 25 };
        assert_eq!((page.offset(), page.has_more(50), page.has_more(51)), (25, false, true));
    }
}
