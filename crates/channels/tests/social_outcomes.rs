//! The tables of Messenger, X and WeChat against the contract and against what the providers document.

use std::collections::BTreeSet;

use waypost_channels::social::{Meaning, Meanings, Retry};
use waypost_channels::{messenger, twitter, wechat};
use waypost_status::MessagingCode;

type Table = fn() -> &'static Meanings;

const TABLES: [(&str, Table); 3] =
    [("fb", messenger::meanings), ("twitter", twitter::meanings), ("wechat", wechat::meanings)];

#[test]
fn every_row_is_found_and_means_an_outcome_of_the_contract() {
    for (channel, table) in TABLES {
        let table = table();
        assert!(table.rows().error.len() > 30, "{channel}");
        for row in &table.rows().error {
            let expected = Meaning { code: row.outcome, retry: row.retry, dead: row.dead };
            assert_eq!(table.of(Some(row.code), row.subcode, 599), expected, "{channel} {}", row.name);
            let known = MessagingCode::for_outcome(row.outcome, channel);
            assert!(known.is_some(), "{channel} {} means {}", row.name, row.outcome);
        }
        for row in &table.rows().http {
            assert_eq!(table.of(None, None, row.from).code, row.outcome, "{channel} {}", row.from);
            assert_eq!(table.of(None, None, row.to).code, row.outcome, "{channel} {}", row.to);
            assert!(MessagingCode::for_outcome(row.outcome, channel).is_some(), "{channel} {}", row.outcome);
        }
    }
}

/// Sections 9.1 and 9.2: a code that belongs to some channels only is not used on another.
#[test]
fn no_table_borrows_a_code_of_another_channel() {
    for (channel, table) in TABLES {
        for row in &table().rows().error {
            let entry = MessagingCode::for_outcome(row.outcome, channel).unwrap().entry();
            let is_own = entry.channels.is_empty() || entry.channels.contains(&channel);
            // The contract has no other word for media that X does not know.
            let is_media_of_x = channel == "twitter" && row.outcome == 7606;
            assert!(is_own || is_media_of_x, "{channel} {} means {}", row.name, row.outcome);
        }
    }
}

#[test]
fn the_numbers_of_wechat_are_those_of_the_contract_in_their_order() {
    let documented = [
        (40001, 7601),
        (40003, 7602),
        (40004, 7603),
        (40005, 7604),
        (40006, 7605),
        (40007, 7606),
        (40008, 7607),
        (40009, 7608),
        (40010, 7609),
        (40011, 7610),
        (40012, 7611),
        (40013, 7612),
        (40014, 7613),
        (40029, 7614),
        (40030, 7615),
        (40031, 7616),
        (40032, 7617),
        (40033, 7618),
        (40035, 7619),
        (40038, 7620),
        (40039, 7621),
        (41001, 7622),
        (41002, 7623),
        (41003, 7624),
        (41004, 7625),
        (41005, 7626),
        (41006, 7627),
        (43004, 7628),
        (43005, 7629),
        (44003, 7630),
        (44004, 7631),
        (45001, 7632),
        (45002, 7633),
        (45003, 7634),
        (45004, 7635),
        (45005, 7636),
        (45006, 7637),
        (45007, 7638),
        (45008, 7639),
        (45009, 7640),
        (45047, 7641),
        (46004, 7642),
        (40137, 7643),
    ];
    let codes: Vec<u16> = documented.iter().map(|(_, code)| *code).collect();
    assert_eq!(codes, (7601..=7643).collect::<Vec<_>>());
    for (number, code) in documented {
        assert_eq!(wechat::meanings().of(Some(number), None, 200).code, code, "{number}");
        assert!(wechat::meanings().can_say(code), "{code}");
    }
    let retried: BTreeSet<i64> = wechat::meanings()
        .rows()
        .error
        .iter()
        .filter(|row| row.retry == Retry::Token)
        .map(|row| row.code)
        .collect();
    assert_eq!(retried, BTreeSet::from([40001, 40014, 42001]));
}

fn check(table: &Meanings, number: i64, subcode: Option<i64>, code: u16, retry: Retry) {
    let found = table.of(Some(number), subcode, 400);
    assert_eq!((found.code, found.retry), (code, retry), "{number} {subcode:?}");
}

#[test]
fn the_documented_errors_of_the_graph_api_have_their_codes() {
    let table = messenger::meanings();
    for number in [4, 17, 32, 613, 80006] {
        check(table, number, None, 7302, Retry::Throttle);
    }
    for number in [1, 2, 1200] {
        check(table, number, None, 7307, Retry::Later);
    }
    for (number, subcode) in [
        (190, None),
        (190, Some(460)),
        (190, Some(463)),
        (190, Some(467)),
        (10, None),
        (200, None),
        (200, Some(2018028)),
    ] {
        check(table, number, subcode, 7304, Retry::Never);
    }
    check(table, 10303, None, 7305, Retry::Never);
    for (number, subcode) in [(10, 2018065), (10, 2018278), (100, 2018336), (100, 2018276)] {
        check(table, number, Some(subcode), 7526, Retry::Never);
    }
    for (number, subcode) in [(551, Some(1545041)), (10, Some(2018108)), (200, Some(2018108))] {
        check(table, number, subcode, 7110, Retry::Never);
    }
    check(table, 100, Some(2018001), 7102, Retry::Never);
    check(table, 100, Some(2018047), 7112, Retry::Never);
    check(table, 100, None, 7112, Retry::Never);
    assert!(table.of(Some(100), Some(2018001), 400).dead);
    assert!(!table.of(Some(551), Some(1545041), 400).dead, "who has blocked the page may unblock it");
    assert_eq!(table.of(Some(999_999), None, 400).code, 7200);
}

#[test]
fn the_documented_errors_of_x_have_their_codes() {
    let table = twitter::meanings();
    for number in [88, 185] {
        check(table, number, None, 7302, Retry::Throttle);
    }
    for number in [32, 99, 135, 215, 261, 416] {
        check(table, number, None, 7304, Retry::Never);
    }
    for number in [64, 89, 326] {
        check(table, number, None, 7305, Retry::Never);
    }
    for number in [151, 187] {
        check(table, number, None, 7306, Retry::Never);
    }
    for number in [130, 131] {
        check(table, number, None, 7307, Retry::Later);
    }
    for number in [50, 108] {
        check(table, number, None, 7102, Retry::Never);
    }
    for number in [150, 349] {
        check(table, number, None, 7110, Retry::Never);
    }
    check(table, 354, None, 7107, Retry::Never);
    assert_eq!(table.of(None, None, 429).code, 7302);
    assert_eq!(table.of(None, None, 503).code, 7307);
}
