use proptest::prelude::*;

use super::*;

const REFERENCE: u16 = 0x1234;

fn lengths(content: SmsContent<'_>, mode: Concatenation) -> Vec<usize> {
    let cut = segment(content, mode, REFERENCE).unwrap();
    assert_eq!(count_parts(content, mode), Ok(cut.count));
    assert_eq!(cut.parts.len(), usize::from(cut.count));
    cut.parts.iter().map(|part| part.payload.len()).collect()
}

fn check_text(text: &str, mode: Concatenation, expected: &[usize]) {
    assert_eq!(lengths(SmsContent::Text(text), mode), expected, "{} characters", text.chars().count());
}

#[test]
fn gsm_text_holds_160_then_153_a_part() {
    let check =
        |chars: usize, expected: &[usize]| check_text(&"a".repeat(chars), Concatenation::Udh8, expected);
    check(1, &[1]);
    check(160, &[160]);
    check(161, &[153, 8]);
    check(306, &[153, 153]);
    check(307, &[153, 153, 1]);
    check(459, &[153, 153, 153]);
    check(460, &[153, 153, 153, 1]);
}

#[test]
fn a_16_bit_reference_costs_one_septet_a_part() {
    let check =
        |chars: usize, expected: &[usize]| check_text(&"a".repeat(chars), Concatenation::Udh16, expected);
    check(160, &[160]);
    check(161, &[152, 9]);
    check(304, &[152, 152]);
    check(305, &[152, 152, 1]);
}

#[test]
fn unicode_holds_70_then_67_units_a_part() {
    let check =
        |chars: usize, expected: &[usize]| check_text(&"漢".repeat(chars), Concatenation::Udh8, expected);
    check(70, &[140]);
    check(71, &[134, 8]);
    check(134, &[134, 134]);
    check(135, &[134, 134, 2]);
    check_text(&"漢".repeat(133), Concatenation::Udh16, &[132, 132, 2]);
}

#[test]
fn binary_holds_140_then_134_octets_a_part() {
    let check = |octets: usize, mode, expected: &[usize]| {
        assert_eq!(lengths(SmsContent::Binary(&vec![7; octets]), mode), expected, "{octets} octets");
    };
    check(140, Concatenation::Udh8, &[140]);
    check(141, Concatenation::Udh8, &[134, 7]);
    check(268, Concatenation::Udh8, &[134, 134]);
    check(269, Concatenation::Udh8, &[134, 134, 1]);
    check(141, Concatenation::Udh16, &[133, 8]);
}

#[test]
fn every_extension_character_costs_two_and_is_never_split() {
    for ch in ['|', '^', '€', '{', '}', '[', ']', '~', '\\', '\u{c}'] {
        let fits = format!("{}{ch}", "a".repeat(158));
        check_text(&fits, Concatenation::Udh8, &[160]);
        let over = format!("{}{ch}", "a".repeat(159));
        check_text(&over, Concatenation::Udh8, &[153, 8]);
        let astride = format!("{}{ch}{}", "a".repeat(152), "a".repeat(10));
        check_text(&astride, Concatenation::Udh8, &[152, 12]);
    }
}

#[test]
fn a_surrogate_pair_is_never_split() {
    let astride = format!("{}😀{}", "漢".repeat(66), "漢".repeat(10));
    check_text(&astride, Concatenation::Udh8, &[132, 24]);
    check_text(&"😀".repeat(35), Concatenation::Udh8, &[140]);
    check_text(&"😀".repeat(36), Concatenation::Udh8, &[132, 12]);
}

#[test]
fn the_data_coding_follows_type_and_alphabet() {
    let check = |content, expected| {
        assert_eq!(segment(content, Concatenation::Udh8, 0).unwrap().data_coding, expected, "{content:?}");
    };
    check(SmsContent::Text("plain €"), 0x00);
    check(SmsContent::Text("ça va"), 0x08);
    check(SmsContent::Flash("plain"), 0x10);
    check(SmsContent::Flash("ça va"), 0x18);
    check(SmsContent::Unicode("plain"), 0x08);
    check(SmsContent::Binary(&[0]), 0x04);
}

#[test]
fn the_header_numbers_every_part_of_a_long_message_only() {
    let long = "a".repeat(200);
    let headers = |text: &str, mode| -> Vec<Option<Vec<u8>>> {
        let cut = segment(SmsContent::Text(text), mode, REFERENCE).unwrap();
        cut.parts.into_iter().map(|part| part.udh).collect()
    };
    assert_eq!(headers("a", Concatenation::Udh8), [None]);
    assert_eq!(
        headers(&long, Concatenation::Udh8),
        [Some(vec![5, 0, 3, 0x34, 2, 1]), Some(vec![5, 0, 3, 0x34, 2, 2])]
    );
    assert_eq!(
        headers(&long, Concatenation::Udh16),
        [Some(vec![6, 8, 4, 0x12, 0x34, 2, 1]), Some(vec![6, 8, 4, 0x12, 0x34, 2, 2])]
    );
}

#[test]
fn message_payload_is_one_part_that_counts_as_its_segments() {
    let cut = segment(SmsContent::Text(&"a".repeat(307)), Concatenation::MessagePayload, REFERENCE).unwrap();
    let whole = Part { udh: None, payload: vec![b'a'; 307] };
    assert_eq!(cut, Segmented { data_coding: 0, count: 3, parts: vec![whole] });
}

#[test]
fn nothing_and_too_much_are_refused() {
    let most = "a".repeat(255 * 153);
    assert_eq!(count_parts(SmsContent::Text(&most), Concatenation::Udh8), Ok(255));
    let over = "a".repeat(255 * 153 + 1);
    for mode in [Concatenation::Udh8, Concatenation::Udh16, Concatenation::MessagePayload] {
        assert_eq!(segment(SmsContent::Text(""), mode, 0), Err(SegmentError::Empty));
        assert_eq!(segment(SmsContent::Binary(&[]), mode, 0), Err(SegmentError::Empty));
        assert_eq!(segment(SmsContent::Text(&over), mode, 0), Err(SegmentError::TooManyParts));
        assert_eq!(segment(SmsContent::Binary(&[0; 40_000]), mode, 0), Err(SegmentError::TooManyParts));
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9 .,€{}~|\\^\\[\\]\\\\àéñ@\n]{1,900}", "[a-z漢字€😀🎉é]{1,400}", "\\PC{1,200}",]
}

fn any_mode() -> impl Strategy<Value = Concatenation> {
    prop::sample::select(vec![Concatenation::Udh8, Concatenation::Udh16, Concatenation::MessagePayload])
}

proptest! {
    #[test]
    fn joined_parts_give_back_the_text_within_the_limits(text in any_text(), mode in any_mode()) {
        for content in [SmsContent::Text(&text), SmsContent::Flash(&text), SmsContent::Unicode(&text)] {
            let cut = segment(content, mode, REFERENCE).unwrap();
            prop_assert_eq!(count_parts(content, mode), Ok(cut.count));
            let gsm_coded = cut.data_coding & 0x0f == 0;
            let mut joined = String::new();
            for part in &cut.parts {
                let header = part.udh.as_ref().map_or(0, Vec::len);
                let limit = if gsm_coded { (140 - header) * 8 / 7 } else { (140 - header) / 2 * 2 };
                prop_assert!(mode == Concatenation::MessagePayload || part.payload.len() <= limit);
                let decoded = if gsm_coded {
                    gsm::decode(&part.payload).ok()
                } else {
                    ucs2::decode(&part.payload).ok()
                };
                joined.push_str(&decoded.unwrap());
            }
            prop_assert_eq!(joined, text.as_str());
        }
    }

    #[test]
    fn every_part_but_the_last_is_as_full_as_it_can_be(text in any_text()) {
        let cut = segment(SmsContent::Text(&text), Concatenation::Udh8, REFERENCE).unwrap();
        let (full, widest) = if cut.data_coding == 0 { (153, 2) } else { (134, 4) };
        for part in cut.parts.iter().rev().skip(1) {
            prop_assert!(part.payload.len() > full - widest);
        }
    }

    #[test]
    fn joined_binary_parts_give_back_the_octets(octets in prop::collection::vec(any::<u8>(), 1..2_000)) {
        let cut = segment(SmsContent::Binary(&octets), Concatenation::Udh16, REFERENCE).unwrap();
        let joined: Vec<u8> = cut.parts.iter().flat_map(|part| part.payload.clone()).collect();
        prop_assert_eq!(joined, octets);
    }
}
