//! Nothing of the published lists is lost or changed. The fixtures are those lists, row by row, in their order.

use std::collections::{BTreeMap, BTreeSet};

use waypost_status::{Api, CATALOGUE, Entry, Evidence};

const API_STATUS_CODES: &str = include_str!("fixtures/api-status-codes.tsv");
const MTAPI_PAIRS: &str = include_str!("fixtures/mtapi-pairs.tsv");
const METADATA_PUSH: &str = include_str!("fixtures/metadata-push.tsv");

fn rows(fixture: &str) -> Vec<Vec<&str>> {
    fixture.lines().map(|line| line.split('\t').collect()).collect()
}

fn seeded(api: Api) -> impl Iterator<Item = &'static Entry> {
    CATALOGUE.iter().filter(move |entry| entry.api == api && entry.evidence == Evidence::Seed)
}

#[test]
fn every_row_of_the_four_lists_is_an_entry_with_the_same_number_and_text_in_the_same_order() {
    for (api, count) in
        [(Api::Messaging, 171), (Api::TransactionStatus, 119), (Api::Event, 8), (Api::Profile, 30)]
    {
        let listed: Vec<(&str, &str)> = rows(API_STATUS_CODES)
            .iter()
            .filter(|row| row[0] == api.as_str())
            .map(|row| (row[1], row[2]))
            .collect();
        let present: Vec<(&str, &str)> = seeded(api).map(|entry| (entry.code_text, entry.message)).collect();
        assert_eq!(present, listed, "{api}");
        assert_eq!(listed.len(), count, "{api}");
    }
    assert_eq!(rows(API_STATUS_CODES).len(), 328);
}

#[test]
fn the_row_that_is_printed_twice_is_two_entries() {
    let twice: Vec<String> = seeded(Api::Messaging)
        .filter(|entry| entry.message == "param 'twitter' missing for channel twitter")
        .map(Entry::key)
        .collect();
    assert_eq!(
        twice,
        ["messaging/7003/param-twitter-missing-first-print", "messaging/7003/param-twitter-missing"]
    );
}

#[test]
fn misprints_are_kept_to_the_letter() {
    for (api, code, text) in [
        (Api::Messaging, 7010, "Service provider exceptioni"),
        (Api::Messaging, 7501, "Submited"),
        (Api::TransactionStatus, 7111, "Span content detected"),
        (Api::Event, 1002, "Queues"),
        (Api::Mtapi, 62000, "Retrieving users has failed"),
        (Api::Mtapi, 620_338, "Get users by application id failed"),
    ] {
        assert_eq!(
            seeded(api).filter(|entry| entry.code == code && entry.message == text).count(),
            1,
            "{code}"
        );
    }
}

#[test]
fn every_name_and_number_of_the_two_mtapi_texts_is_an_entry_with_the_same_text() {
    let mut rows_of_pair: BTreeMap<(&str, &str), u8> = BTreeMap::new();
    let rows = rows(MTAPI_PAIRS);
    for row in &rows {
        *rows_of_pair.entry((row[0], row[1])).or_default() += 1;
        // A removed number and its successor are printed without a space between them; both are kept.
        let numbers = if row[0].len() == 12 { vec![&row[0][..6], &row[0][6..]] } else { vec![row[0]] };
        for number in numbers {
            let entry = seeded(Api::Mtapi).find(|entry| entry.code_text == number && entry.name == row[1]);
            let entry = entry.unwrap_or_else(|| panic!("{} = {number}", row[1]));
            if !row[2].is_empty() {
                assert_eq!(entry.message, row[2], "{number}");
            }
        }
    }
    assert_eq!(rows_of_pair.len(), 88);
    assert_eq!(rows_of_pair[&("620001", "UserExistsFailed")], 2);
    let stood_for: usize = seeded(Api::Mtapi).map(|entry| usize::from(entry.seed_rows)).sum();
    assert_eq!(stood_for, rows.len());
}

#[test]
fn removed_lines_of_the_mtapi_texts_are_reserved_with_a_note() {
    let removed: Vec<(i64, &str)> = seeded(Api::Mtapi)
        .filter(|entry| entry.is_reserved() && entry.note.is_some())
        .map(|entry| (entry.code, entry.name))
        .collect();
    let expected = [
        (607_000, "InvalidServiceRequestId"),
        (617_001, "CannotAssociateInternUserToOrg"),
        (617_003, "InvalidReturnUrl"),
        (617_004, "InvalidOrgId"),
        (617_005, "CompleteInviteFailed"),
        (617_006, "GetInvitesFailed"),
        (617_007, "GetUsersFailed"),
        (617_008, "AddPermissionFailed"),
        (617_009, "UpdatePermissionFailed"),
        (617_010, "DeletePermissionFailed"),
        (619_000, "InvalidUserId"),
        (619_001, "InvalidUserType"),
    ];
    assert_eq!(removed.into_iter().collect::<BTreeSet<_>>(), expected.into_iter().collect());
}

#[test]
fn every_code_of_the_metadata_push_text_is_an_entry_with_the_same_text() {
    let listed: BTreeSet<(&str, &str)> = rows(METADATA_PUSH).iter().map(|row| (row[0], row[1])).collect();
    let present: BTreeSet<(&str, &str)> =
        seeded(Api::MetadataPush).map(|entry| (entry.code_text, entry.message)).collect();
    assert_eq!(present, listed);
}

#[test]
fn only_seeded_entries_stand_for_rows_of_the_lists() {
    let stood_for = |api| CATALOGUE.iter().filter(|e| e.api == api).map(|e| usize::from(e.seed_rows)).sum();
    let counts: Vec<usize> = Api::ALL.iter().map(|api| stood_for(*api)).collect();
    assert_eq!(counts, [171, 119, 8, 30, 0, 89, 9]);
}
