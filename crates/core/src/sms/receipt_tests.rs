use proptest::prelude::*;

use super::*;

const PLAIN: &str = "id:0123456789 sub:001 dlvrd:001 submit date:0610191733 done date:0610191734 stat:DELIVRD err:000 text:Hello id:9";

fn read(text: &str) -> Result<Receipt, ReceiptError> {
    parse_receipt(text.as_bytes(), ReceiptTlvs::default())
}

fn plain() -> Receipt {
    Receipt {
        provider_id: "0123456789".to_owned(),
        state: ReceiptState::Delivered,
        err: Some("000".to_owned()),
        done_at: Some(Micros::from_secs(1_161_279_240)),
        text: Some("Hello id:9".to_owned()),
    }
}

#[test]
fn the_form_of_the_standard_is_read() {
    assert_eq!(read(PLAIN), Ok(plain()));
}

#[test]
fn case_order_and_spacing_do_not_matter() {
    let loose =
        "STAT:delivrd  Err: 000 ID: 0123456789 Done Date:061019173400 Submit date:0610191733 Text:Hello id:9";
    assert_eq!(read(loose), Ok(plain()));
}

#[test]
fn a_missing_or_empty_field_leaves_the_others_readable() {
    let bare = Receipt { err: None, done_at: None, text: None, ..plain() };
    assert_eq!(read("id:0123456789 stat:DELIVRD"), Ok(bare.clone()));
    assert_eq!(
        read("noise id:0123456789 sub: dlvrd: done date:soon stat:DELIVRD err: text:"),
        Ok(bare.clone())
    );
    assert_eq!(read("id:0123456789 stat:DELIVRD id:777 stat:EXPIRED"), Ok(bare));
}

#[test]
fn the_tlvs_win_over_the_text() {
    let tlvs = ReceiptTlvs {
        receipted_message_id: Some("AB12"),
        message_state: Some(5),
        network_error_code: Some([3, 0, 27]),
    };
    let expected = Receipt {
        provider_id: "AB12".to_owned(),
        state: ReceiptState::Undeliverable,
        err: Some("027".to_owned()),
        ..plain()
    };
    assert_eq!(parse_receipt(PLAIN.as_bytes(), tlvs), Ok(expected.clone()));
    let alone = Receipt { done_at: None, text: None, ..expected };
    assert_eq!(parse_receipt(b"", tlvs), Ok(alone));
}

#[test]
fn an_unknown_state_tlv_leaves_the_word_in_force() {
    let tlvs =
        ReceiptTlvs { message_state: Some(200), receipted_message_id: Some(" "), ..ReceiptTlvs::default() };
    assert_eq!(parse_receipt(PLAIN.as_bytes(), tlvs), Ok(plain()));
}

#[test]
fn every_state_has_its_word_and_its_number() {
    use ReceiptState as S;
    let check = |word: &str, tlv: u8, state: S, is_final: bool| {
        assert_eq!((S::from_word(word), S::from_tlv(tlv)), (state, Some(state)), "{word}");
        assert_eq!(state.is_final(), is_final, "{word}");
    };
    check("SCHEDULED", 0, S::Scheduled, false);
    check("ENROUTE", 1, S::Enroute, false);
    check("DELIVRD", 2, S::Delivered, true);
    check("delivered", 2, S::Delivered, true);
    check("EXPIRED", 3, S::Expired, true);
    check("DELETED", 4, S::Deleted, true);
    check("UNDELIV", 5, S::Undeliverable, true);
    check("FAILED", 5, S::Undeliverable, true);
    check("ACCEPTD", 6, S::Accepted, false);
    check("UNKNOWN", 7, S::Unknown, true);
    check("REJECTD", 8, S::Rejected, true);
    check("SKIPPED", 9, S::Skipped, true);
    check("WHATEVER", 7, S::Unknown, true);
    assert_eq!(S::from_tlv(10), None);
}

#[test]
fn a_receipt_must_say_about_what_and_what() {
    assert_eq!(read(""), Err(ReceiptError::NoId));
    assert_eq!(read("stat:DELIVRD"), Err(ReceiptError::NoId));
    assert_eq!(read("id: stat:DELIVRD"), Err(ReceiptError::NoId));
    assert_eq!(read("id:1 sub:001"), Err(ReceiptError::NoState));
    assert_eq!(read(&format!("id:{} stat:DELIVRD", "1".repeat(129))), Err(ReceiptError::IdTooLong));
}

#[test]
fn dates_are_read_with_and_without_seconds_and_century() {
    let check = |digits: &str, secs: Option<i64>| {
        assert_eq!(parse_date(digits), secs.map(Micros::from_secs), "{digits}")
    };
    check("0610191734", Some(1_161_279_240));
    check("061019173405", Some(1_161_279_245));
    check("20061019173405", Some(1_161_279_245));
    check("0613191734", None);
    check("06101917", None);
    check("061019é173", None);
}

proptest! {
    #[test]
    fn no_octets_make_the_reader_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_receipt(&octets, ReceiptTlvs::default());
    }

    #[test]
    fn no_text_near_the_form_makes_the_reader_panic(text in "((id|stat|err|done date|text|é): ?[0-9a-zé ]{0,4} ?){0,8}") {
        let _ = read(&text);
    }

    #[test]
    fn fields_are_found_in_any_order(fields in Just(vec!["id:7", "sub:001", "dlvrd:001", "stat:EXPIRED", "err:4a"]).prop_shuffle()) {
        let expected = Receipt {
            provider_id: "7".to_owned(),
            state: ReceiptState::Expired,
            err: Some("4a".to_owned()),
            done_at: None,
            text: None,
        };
        prop_assert_eq!(read(&fields.join(" ")), Ok(expected));
    }
}
