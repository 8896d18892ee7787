//! What the SMSC does with each message: the plain course, or every habit of W5 in turn.

use super::pdu::Submit;
use super::receipt::Receipt;

/// Lifts ids above the receivers' small-number rules and keeps their hexadecimal form free of chance decimals.
const ID_BASE: u64 = 0xA000_0000;

/// How the SMSC behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Accepted, delivered at once.
    Plain,
    /// Message `n` is treated by habit `n % Habit::ALL.len()`.
    Chaos,
    /// Taken and never answered: soon nothing but the acceptance costs anything.
    Silent,
}

/// A habit of real SMSCs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Habit {
    /// One receipt after the response, same id.
    Plain,
    /// The receipt before the response.
    ReceiptFirst,
    /// Response in hexadecimal, receipt in decimal.
    HexThenDecimal,
    /// Response in decimal, receipt in hexadecimal.
    DecimalThenHex,
    /// Receipt's id padded with zeros.
    Padded,
    /// Receipt's id in upper case.
    UpperCase,
    /// The same receipt twice.
    Twice,
    /// Delivered, then expired.
    DeliveredThenExpired,
    /// Only a receipt for an id nobody was told.
    UnknownId,
    /// Not delivered.
    Undelivered,
}

impl Habit {
    /// Every habit, in the order of [`Script::Chaos`].
    pub const ALL: [Self; 10] = [
        Self::Plain,
        Self::ReceiptFirst,
        Self::HexThenDecimal,
        Self::DecimalThenHex,
        Self::Padded,
        Self::UpperCase,
        Self::Twice,
        Self::DeliveredThenExpired,
        Self::UnknownId,
        Self::Undelivered,
    ];

    /// The habit that message `number` meets.
    #[must_use]
    pub fn of(number: u32) -> Self {
        Self::ALL[number as usize % Self::ALL.len()]
    }
}

/// What is sent for one `submit_sm`.
#[derive(Debug, PartialEq, Eq)]
pub struct Play {
    /// Id in the response.
    pub id: String,
    /// Whether the receipts go before the response.
    pub early: bool,
    /// Whether there is a response at all.
    pub answers: bool,
    /// The receipts.
    pub receipts: Vec<Receipt>,
}

impl Script {
    /// The course of the `serial`-th `submit_sm`, for message `number`.
    #[must_use]
    pub fn play(self, serial: u64, number: u32, submit: &Submit<'_>) -> Play {
        let habit = if self == Self::Chaos { Habit::of(number) } else { Habit::Plain };
        let value = ID_BASE + serial;
        let (id, told) = ids(habit, value);
        let receipt = |stat| Receipt {
            id: told.clone(),
            stat,
            source: submit.destination.to_vec(),
            destination: submit.source.to_vec(),
            // Every other message has the id in the text only.
            tagged: self == Self::Plain || (number / 10).is_multiple_of(2),
        };
        let receipts = match habit {
            _ if !submit.wants_receipt || self == Self::Silent => Vec::new(),
            Habit::Twice => vec![receipt("DELIVRD"), receipt("DELIVRD")],
            Habit::DeliveredThenExpired => vec![receipt("DELIVRD"), receipt("EXPIRED")],
            Habit::Undelivered => vec![receipt("UNDELIV")],
            _ => vec![receipt("DELIVRD")],
        };
        Play { id, early: habit == Habit::ReceiptFirst, answers: self != Self::Silent, receipts }
    }
}

/// The id as the response and as the receipt write it.
fn ids(habit: Habit, value: u64) -> (String, String) {
    let hex = format!("{value:x}");
    match habit {
        Habit::HexThenDecimal => (hex, value.to_string()),
        Habit::DecimalThenHex => (value.to_string(), hex),
        Habit::Padded => (value.to_string(), format!("{value:020}")),
        Habit::UpperCase => (hex, format!("{value:X}")),
        Habit::UnknownId => (hex, format!("nobody-{value}")),
        _ => (hex.clone(), hex),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(script: Script, number: u32, wants_receipt: bool) -> (String, bool, Vec<(String, &'static str)>) {
        let submit = Submit { source: b"s", destination: b"d", wants_receipt };
        let Play { id, early, receipts, .. } = script.play(1, number, &submit);
        (id, early, receipts.into_iter().map(|receipt| (receipt.id, receipt.stat)).collect())
    }

    #[test]
    fn the_plain_course_is_one_receipt_with_the_responses_id() {
        let id = "a0000001".to_owned();
        assert_eq!(play(Script::Plain, 9, true), (id.clone(), false, vec![(id.clone(), "DELIVRD")]));
        assert_eq!(play(Script::Plain, 9, false), (id, false, Vec::new()));
    }

    #[test]
    fn each_habit_writes_its_ids_its_way() {
        let told: Vec<String> = (0..10)
            .map(|number| {
                let (id, early, receipts) = play(Script::Chaos, number, true);
                let receipts: Vec<String> =
                    receipts.iter().map(|(id, stat)| format!("{id} {stat}")).collect();
                format!("{id}{} {}", if early { " after" } else { ":" }, receipts.join(", "))
            })
            .collect();
        let wanted = [
            "a0000001: a0000001 DELIVRD",
            "a0000001 after a0000001 DELIVRD",
            "a0000001: 2684354561 DELIVRD",
            "2684354561: a0000001 DELIVRD",
            "2684354561: 00000000002684354561 DELIVRD",
            "a0000001: A0000001 DELIVRD",
            "a0000001: a0000001 DELIVRD, a0000001 DELIVRD",
            "a0000001: a0000001 DELIVRD, a0000001 EXPIRED",
            "a0000001: nobody-2684354561 DELIVRD",
            "a0000001: a0000001 UNDELIV",
        ];
        assert_eq!(told, wanted);
    }
}
