//! How fast calls begin.

/// Gives each call its moment at an even rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// Time between two calls in milliseconds; 0 without a limit.
    gap_ms: u64,
    next_at: u64,
}

impl Pace {
    pub(super) const fn per_second(calls: u32) -> Self {
        let gap_ms = if calls == 0 { 0 } else { 1_000_u64.div_ceil(calls as u64) };
        Self { gap_ms, next_at: 0 }
    }

    /// The moment of the next call, which is taken; `Err` with that moment when it is more than `patience_ms` away.
    pub(super) fn take(&mut self, now: u64, patience_ms: u64) -> Result<u64, u64> {
        let at = self.next_at.max(now);
        if at - now > patience_ms {
            return Err(at);
        }
        self.next_at = at + self.gap_ms;
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_begin_one_gap_apart_and_far_moments_are_not_promised() {
        let mut pace = Pace::per_second(4);
        let taken: Vec<_> = (0..4).map(|_| pace.take(1_000, 600)).collect();
        assert_eq!(taken, [Ok(1_000), Ok(1_250), Ok(1_500), Err(1_750)]);
        assert_eq!(pace.take(2_000, 600), Ok(2_000));
        let mut free = Pace::per_second(0);
        assert_eq!((free.take(5, 0), free.take(5, 0)), (Ok(5), Ok(5)));
    }
}
