//! What an SMSC says of a message's end, and the habits that make it hard to understand.

use std::io::Write as _;

use super::pdu::{command, write, write_text};

/// `esm_class` of a receipt (SMPP 3.4, section 5.2.12).
const RECEIPT: u8 = 4;
const TAG_RECEIPTED_MESSAGE_ID: [u8; 2] = [0x00, 0x1e];
const TAG_MESSAGE_STATE: [u8; 2] = [0x04, 0x27];

/// One receipt the SMSC owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The message's id as this receipt writes it.
    pub id: String,
    /// `DELIVRD`, `EXPIRED`, `UNDELIV`.
    pub stat: &'static str,
    /// The recipient, from whom the receipt comes.
    pub source: Vec<u8>,
    /// The sender, to whom it goes.
    pub destination: Vec<u8>,
    /// Whether id and state are also given as optional parameters.
    pub tagged: bool,
}

impl Receipt {
    /// Appends the `deliver_sm`.
    pub fn write(&self, out: &mut Vec<u8>, sequence: u32, date: &str) {
        write(out, command::DELIVER_SM, 0, sequence, |out| self.write_body(out, date));
    }

    fn write_body(&self, out: &mut Vec<u8>, date: &str) {
        out.extend_from_slice(&[0, 1, 1]); // no service type; international number
        write_text(out, &self.source);
        out.extend_from_slice(&[5, 0]); // alphanumeric sender
        write_text(out, &self.destination);
        out.extend_from_slice(&[RECEIPT, 0, 0, 0, 0, 0, 0, 0, 0]);
        let length_at = out.len();
        out.push(0);
        let delivered = u8::from(self.stat == "DELIVRD");
        let _ = write!(
            out,
            "id:{} sub:001 dlvrd:00{delivered} submit date:{date} done date:{date} stat:{} err:000 text:",
            self.id, self.stat
        );
        out[length_at] = (out.len() - length_at - 1) as u8;
        if self.tagged {
            out.extend_from_slice(&TAG_RECEIPTED_MESSAGE_ID);
            out.extend_from_slice(&(self.id.len() as u16 + 1).to_be_bytes());
            write_text(out, self.id.as_bytes());
            out.extend_from_slice(&TAG_MESSAGE_STATE);
            out.extend_from_slice(&[0, 1, self.state()]);
        }
    }

    /// `message_state` (SMPP 3.4, section 5.2.28).
    fn state(&self) -> u8 {
        match self.stat {
            "DELIVRD" => 2,
            "EXPIRED" => 3,
            _ => 5,
        }
    }
}

/// The minute as receipts write it, `yyMMddhhmm` in UTC.
#[must_use]
pub fn date(unix_s: u64) -> String {
    let (days, minutes) = (unix_s / 86_400, unix_s % 86_400 / 60);
    // Years that begin in March, so that the leap day is their last (Hinnant, "chrono-compatible date algorithms").
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{:02}{month:02}{day:02}{:02}{:02}", year % 100, minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_the_calendars() {
        let told = [0, 951_782_400, 1_709_164_800, 1_767_225_599].map(date);
        assert_eq!(told, ["7001010000", "0002290000", "2402290000", "2512312359"]);
    }

    #[test]
    fn a_receipt_says_its_id_in_text_and_tag() {
        let receipt = Receipt {
            id: "1A".to_owned(),
            stat: "EXPIRED",
            source: b"447700000001".to_vec(),
            destination: b"Waypost".to_vec(),
            tagged: true,
        };
        let mut out = Vec::new();
        receipt.write(&mut out, 9, "2601010000");
        let text =
            "id:1A sub:001 dlvrd:000 submit date:2601010000 done date:2601010000 stat:EXPIRED err:000 text:";
        let at = crate::wire::find(&out, text.as_bytes()).unwrap();
        assert_eq!(usize::from(out[at - 1]), text.len());
        assert_eq!(out[at + text.len()..], *b"\x00\x1e\x00\x031A\0\x04\x27\x00\x01\x03");
    }
}
