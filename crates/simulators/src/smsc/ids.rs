//! Message ids, spelt the ways SMSCs spell them.

/// Spelling of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdFormat {
    /// `305441741`
    #[default]
    Decimal,
    /// `0305441741`, to this many digits.
    PaddedDecimal(usize),
    /// `1234abcd`
    Hex,
    /// `1234ABCD`
    UpperHex,
    /// `001234ABCD`, to this many digits.
    PaddedUpperHex(usize),
}

impl IdFormat {
    /// The id in this spelling.
    #[must_use]
    pub fn spell(self, id: u64) -> String {
        match self {
            Self::Decimal => id.to_string(),
            Self::PaddedDecimal(width) => format!("{id:0width$}"),
            Self::Hex => format!("{id:x}"),
            Self::UpperHex => format!("{id:X}"),
            Self::PaddedUpperHex(width) => format!("{id:0width$X}"),
        }
    }
}
