//! The lint finds each kind of fault. Every case breaks one row in one way.

use waypost_status::{Entry, Evidence, Fault, Finding, MessagingCode, MtapiCode, lint};

fn sound() -> Entry {
    MessagingCode::DestinationMissing.entry().clone()
}

fn check(break_it: impl FnOnce(&mut Entry), faults: &[Fault]) {
    let mut entry = sound();
    break_it(&mut entry);
    let expected: Vec<Finding> =
        faults.iter().map(|fault| Finding { key: entry.key(), fault: fault.clone() }).collect();
    assert_eq!(lint(std::slice::from_ref(&entry)), expected);
}

#[test]
fn a_sound_row_has_no_findings() {
    check(|_| {}, &[]);
}

#[test]
fn two_rows_of_one_api_with_one_id_are_found_whatever_their_numbers() {
    let mut second = sound();
    (second.code, second.code_text) = (7004, "7004");
    let findings = lint(&[sound(), second.clone()]);
    let finding = |entry: &Entry| Finding { key: entry.key(), fault: Fault::DuplicateId };
    assert_eq!(findings, [finding(&sound()), finding(&second)]);
}

#[test]
fn blank_texts_and_texts_that_are_no_sentences_are_found() {
    check(|e| e.name = " ", &[Fault::TextMissing("name")]);
    check(|e| e.message = "", &[Fault::TextMissing("message")]);
    check(|e| e.meaning = "", &[Fault::TextMissing("meaning")]);
    check(|e| e.cause = " ", &[Fault::TextMissing("cause")]);
    check(|e| e.remedy = "", &[Fault::TextMissing("remedy")]);
    check(|e| e.meaning = "No stop", &[Fault::NotASentence("meaning")]);
    check(|e| e.cause = "No stop", &[Fault::NotASentence("cause")]);
    check(|e| e.remedy = "No stop", &[Fault::NotASentence("remedy")]);
}

#[test]
fn ids_that_are_not_kebab_case_are_found() {
    for id in ["Upper", "7-first", "-dash", "dash-", "two--dashes", "under_score", ""] {
        check(|e| e.id = id, &[Fault::IdNotKebab]);
    }
}

#[test]
fn numbers_outside_their_block_are_found() {
    check(|e| (e.code, e.code_text) = (6999, "6999"), &[Fault::OutsideBlock]);
    check(|e| e.controller = Some("Users"), &[Fault::OutsideBlock]);
    check(
        |e| {
            e.code_last = Some(8000);
            e.reserved = Some("A block.");
        },
        &[Fault::OutsideBlock],
    );
    let mut strayed = MtapiCode::UserExistsFailed.entry().clone();
    strayed.controller = Some("Services");
    assert_eq!(lint(&[strayed.clone()]), [Finding { key: strayed.key(), fault: Fault::OutsideBlock }]);
}

#[test]
fn published_exceptions_from_the_blocks_are_accepted() {
    for code in
        [MtapiCode::NotSet, MtapiCode::RetrievingUsersFailed, MtapiCode::GetUsersByApplicationIdFailed]
    {
        assert_eq!(lint(&[code.entry().clone()]), []);
    }
}

#[test]
fn braces_without_a_partner_and_names_that_are_none_are_found() {
    for template in ["{a", "a}", "{}", "{A}", "{a b}", "{{a}}", "{a} }"] {
        check(|e| e.template = Some(template), &[Fault::PlaceholderBroken]);
    }
    check(|e| e.message = "{a", &[Fault::PlaceholderBroken]);
    check(|e| e.template = Some("{a} and {b_2}"), &[]);
}

#[test]
fn numbers_that_contradict_each_other_are_found() {
    check(|e| e.http_status = 400, &[Fault::HttpStatus(400)]);
    check(|e| e.code_text = "7004", &[Fault::CodeText]);
    check(|e| e.code_last = Some(7005), &[Fault::BlockUsable]);
    check(
        |e| {
            e.code_last = Some(7003);
            e.reserved = Some("A block.");
        },
        &[Fault::BlockUsable],
    );
    check(|e| e.evidence = Evidence::Proposed, &[Fault::SeedRowsWithoutSeed]);
}

#[test]
fn a_reserved_row_needs_a_reason() {
    check(|e| e.reserved = Some(" "), &[Fault::ReasonMissing]);
    check(|e| e.reserved = Some("Cannot occur."), &[]);
}

#[test]
fn all_faults_of_a_row_are_found_at_once() {
    check(
        |e| {
            e.cause = "";
            e.http_status = 500;
        },
        &[Fault::TextMissing("cause"), Fault::HttpStatus(500)],
    );
}
