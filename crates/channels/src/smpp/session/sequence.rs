//! Sequence numbers (section 3.2): 1 to 0x7FFFFFFF, then 1 again.

/// Counter of one session.
#[derive(Debug, Clone, Default)]
pub struct Sequence {
    last: u32,
}

/// The largest sequence number.
pub const SEQUENCE_MAX: u32 = 0x7FFF_FFFF;

impl Sequence {
    /// A counter that goes on after `last`.
    #[must_use]
    pub fn after(last: u32) -> Self {
        Self { last }
    }

    /// The next number.
    pub fn advance(&mut self) -> u32 {
        self.last = if self.last >= SEQUENCE_MAX { 1 } else { self.last + 1 };
        self.last
    }
}
