//! What operators set up to decide whether a message may leave (spec 1): money, prices, daily windows, word lists.

mod hours;
mod money;
mod rates;
mod words;

pub use hours::{DailyWindow, WindowError};
pub use money::{Money, MoneyError};
pub use rates::{PREFIX_DIGITS_MAX, RatePlan};
pub use words::{PHRASE_CHARS_MAX, PHRASE_WORDS_MAX, Phrase, PhraseError, WordList};
