//! Receipts as an SMSC writes them (SMPP 3.4, appendix B).

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use waypost_channels::smpp::{
    Address, Tlv,
    wire::{esm, tag},
};

use super::plan::{ReceiptForm, ReceiptPlan};

/// A `deliver_sm` waiting in the outbox.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) source: Arc<Address>,
    pub(super) dest: Arc<Address>,
    pub(super) esm_class: u8,
    pub(super) data_coding: u8,
    pub(super) text: Bytes,
    pub(super) tlvs: Vec<Tlv>,
    pub(super) is_receipt: bool,
}

/// What a receipt is about.
pub(super) struct Subject<'a> {
    /// Sender of the submit: the receipt goes to it.
    pub(super) source: &'a Arc<Address>,
    /// Recipient of the submit: the receipt comes from it.
    pub(super) dest: &'a Arc<Address>,
    /// Its id in the spelling of receipts.
    pub(super) id: &'a str,
    /// The submit's text.
    pub(super) text: &'a [u8],
    /// Now, as `YYMMDDhhmm`.
    pub(super) date: &'a str,
}

pub(super) fn receipt(plan: &ReceiptPlan, subject: &Subject<'_>) -> Outgoing {
    let text = match plan.form {
        ReceiptForm::Tlv => Bytes::new(),
        ReceiptForm::Text | ReceiptForm::Both => receipt_text(plan, subject).into(),
    };
    let tlvs = match plan.form {
        ReceiptForm::Text => Vec::new(),
        ReceiptForm::Tlv | ReceiptForm::Both => receipt_tlvs(plan, subject.id),
    };
    Outgoing {
        source: Arc::clone(subject.dest),
        dest: Arc::clone(subject.source),
        esm_class: if is_final(&plan.stat) { esm::RECEIPT } else { esm::INTERMEDIATE },
        data_coding: 0,
        text,
        tlvs,
        is_receipt: true,
    }
}

/// Whether a submit that asked for `registered_delivery` gets a receipt with this state (section 5.2.17).
pub(super) fn is_wanted(registered_delivery: u8, stat: &str) -> bool {
    if !is_final(stat) {
        return registered_delivery & 0x10 != 0;
    }
    match registered_delivery & 0x03 {
        1 => true,
        2 => stat != "DELIVRD",
        _ => false,
    }
}

fn is_final(stat: &str) -> bool {
    !matches!(stat, "ENROUTE" | "ACCEPTD" | "BUFFERED")
}

fn receipt_text(plan: &ReceiptPlan, subject: &Subject<'_>) -> String {
    let delivered = if plan.stat == "DELIVRD" { "001" } else { "000" };
    let (id, date, stat, err) = (subject.id, subject.date, &plan.stat, &plan.err);
    let excerpt: String = subject.text.iter().take(20).map(|octet| printable(*octet)).collect();
    format!(
        "id:{id} sub:001 dlvrd:{delivered} submit date:{date} done date:{date} stat:{stat} err:{err} text:{excerpt}"
    )
}

fn printable(octet: u8) -> char {
    if (0x20..0x7F).contains(&octet) { char::from(octet) } else { '.' }
}

fn receipt_tlvs(plan: &ReceiptPlan, id: &str) -> Vec<Tlv> {
    let mut tlvs = vec![
        Tlv::of_cstring(tag::RECEIPTED_MESSAGE_ID, id),
        Tlv::of_u8(tag::MESSAGE_STATE, message_state(&plan.stat)),
    ];
    if let Some(code) = plan.err.parse::<u16>().ok().filter(|code| *code != 0) {
        let [high, low] = code.to_be_bytes();
        tlvs.push(Tlv { tag: tag::NETWORK_ERROR_CODE, value: Bytes::copy_from_slice(&[3, high, low]) });
    }
    tlvs
}

/// Section 5.2.28.
fn message_state(stat: &str) -> u8 {
    match stat {
        "ENROUTE" => 1,
        "DELIVRD" => 2,
        "EXPIRED" => 3,
        "DELETED" => 4,
        "UNDELIV" => 5,
        "ACCEPTD" => 6,
        "REJECTD" => 8,
        _ => 7,
    }
}

/// The time in UTC as `YYMMDDhhmm`.
pub(super) fn date(now: SystemTime) -> String {
    let minutes = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()) / 60;
    let (days, minute_of_day) = (minutes / 1_440, minutes % 1_440);
    // Civil date from days since 1970, counting years from March in eras of 400.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{:02}{month:02}{day:02}{:02}{:02}", year % 100, minute_of_day / 60, minute_of_day % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn dates_are_utc_minutes() {
        let cases = [(0, "7001010000"), (951_826_500, "0002291215"), (1_795_478_399, "2611232359")];
        for (seconds, expected) in cases {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn receipts_come_as_asked_for() {
        let wanted = |registered| ["DELIVRD", "UNDELIV", "ENROUTE"].map(|stat| is_wanted(registered, stat));
        assert_eq!(wanted(0), [false, false, false]);
        assert_eq!(wanted(1), [true, true, false]);
        assert_eq!(wanted(2), [false, true, false]);
        assert_eq!(wanted(0x11), [true, true, true]);
    }

    #[test]
    fn a_receipt_says_the_same_in_text_and_in_parameters() {
        let (source, dest) = (Arc::new(Address::new(5, 0, "WAYPOST")), Arc::new(Address::new(1, 1, "4477")));
        let subject =
            Subject { source: &source, dest: &dest, id: "00AF", text: b"hi\xC3", date: "2611231200" };
        let made = receipt(&ReceiptPlan::new("UNDELIV", "027"), &subject);
        assert_eq!(
            made.text,
            "id:00AF sub:001 dlvrd:000 submit date:2611231200 done date:2611231200 stat:UNDELIV err:027 text:hi."
        );
        assert_eq!(
            made.tlvs,
            [
                Tlv::of_cstring(tag::RECEIPTED_MESSAGE_ID, "00AF"),
                Tlv::of_u8(tag::MESSAGE_STATE, 5),
                Tlv { tag: tag::NETWORK_ERROR_CODE, value: Bytes::from_static(&[3, 0, 27]) },
            ]
        );
        assert_eq!((made.source, made.dest, made.esm_class), (dest, source, esm::RECEIPT));
    }
}
