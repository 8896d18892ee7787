//! One enum per API, generated from the data files.

use crate::entry::{Api, Class, Entry, Evidence, Family, Permanence, Phase, Retry};
use crate::lint::{Block, Exception};
use crate::status::Status;

/// Declares the enum of an API whose entries begin at `$start` of the catalogue and stand there in the variants' order.
macro_rules! code_enum {
    ($(#[$meta:meta])* $name:ident, $start:literal, [$($(#[$vmeta:meta])* $variant:ident,)+]) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// All codes, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The row of the catalogue.
            pub const fn entry(self) -> &'static Entry {
                &CATALOGUE[$start + self as usize]
            }

            /// The entries that share the number, in the order of the catalogue.
            pub fn by_code(code: impl Into<i64>) -> impl Iterator<Item = Self> {
                let code = code.into();
                Self::ALL.iter().copied().filter(move |candidate| candidate.entry().code == code)
            }

            /// What to answer, where the text has nothing to fill in.
            pub fn status(self) -> Status {
                Status::new(self.entry())
            }

            /// What to answer, with the placeholders of the text filled from `values`.
            pub fn status_with(self, values: &[(&str, &str)]) -> Status {
                Status::with(self.entry(), values)
            }
        }

        impl From<$name> for Status {
            fn from(code: $name) -> Self {
                code.status()
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

impl MessagingCode {
    /// The entry a delivery notification on `channel` carries for the number; see [`TransactionStatusCode::for_outcome`].
    pub fn for_outcome(code: u16, channel: &str) -> Option<Self> {
        preferred_outcome(Self::by_code(code), Self::entry, channel)
    }
}

impl TransactionStatusCode {
    /// The entry a record of a message on `channel` (`sms`, `wechat`, …) carries for the number.
    ///
    /// Some numbers have two meanings (spec of messaging, 9.5). A record never carries what only answers carry, so 7010 is
    /// the provider's error and 7601 the failed verification; a meaning that belongs to one channel is taken on that
    /// channel only, so 7602 and 7603 are WeChat's on `wechat` alone. A number with a single meaning is never refused
    /// because of the channel: providers reuse some.
    pub fn for_outcome(code: u16, channel: &str) -> Option<Self> {
        preferred_outcome(Self::by_code(code), Self::entry, channel)
    }
}

/// Ranks: made for this channel, for any channel, for another; the first of the best rank.
fn preferred_outcome<C: Copy>(
    candidates: impl Iterator<Item = C>,
    entry: impl Fn(C) -> &'static Entry,
    channel: &str,
) -> Option<C> {
    candidates.filter(|code| entry(*code).phase != Phase::Answer && !entry(*code).is_reserved()).min_by_key(
        |code| match entry(*code).channels {
            [] => 1,
            channels if channels.iter().any(|own| own.eq_ignore_ascii_case(channel)) => 0,
            _ => 2,
        },
    )
}
