use super::*;
use crate::smpp::wire::status;

#[test]
fn every_row_of_the_table_is_found() {
    let rows = built_in_rows().unwrap();
    let outcomes = Outcomes::built_in();
    for row in &rows.submit {
        let expected = Outcome { code: row.code, retry: row.retry };
        assert_eq!(outcomes.submit_error(row.status), expected, "{}", row.name);
    }
    for row in &rows.receipt {
        let err = row.err.as_deref().unwrap_or("000");
        assert_eq!(outcomes.receipt(&row.stat, err), row.code, "{} {err}", row.stat);
        let padded = format!("{err:0>3}");
        assert_eq!(outcomes.receipt(&row.stat.to_lowercase(), &padded), row.code, "{} {padded}", row.stat);
    }
    assert!(rows.submit.len() > 50 && rows.receipt.len() > 40);
}

#[test]
fn every_status_of_the_standard_has_a_row_under_its_name() {
    let rows = built_in_rows().unwrap();
    for &wanted in status::ALL.iter().filter(|status| **status != status::ESME_ROK) {
        let row = rows.submit.iter().find(|row| row.status == wanted);
        let name = row.map(|row| row.name.as_str());
        assert_eq!(name, status::name(wanted), "{wanted:#x}");
    }
}

#[test]
fn every_code_is_one_of_the_contracts() {
    let rows = built_in_rows().unwrap();
    let codes = rows.submit.iter().map(|row| row.code).chain(rows.receipt.iter().filter_map(|row| row.code));
    for code in codes {
        let known = matches!(code, 7101 | 7102 | 7107 | 7109 | 7111 | 7112 | 7200..=7214)
            || matches!(code, 7302 | 7500 | 7513 | 7518 | 7607);
        assert!(known, "{code}");
    }
}

#[test]
fn what_the_table_does_not_name_has_a_default() {
    let outcomes = Outcomes::built_in();
    assert_eq!(outcomes.submit_error(0x4FF), Outcome { code: 7201, retry: Retry::Never });
    assert_eq!(outcomes.receipt("NOVEL", "000"), Some(7200));
    assert_eq!(outcomes.receipt("UNDELIV", "999"), Some(7201));
    assert_eq!(outcomes.receipt("UNDELIV", "odd"), Some(7201));
    assert_eq!(outcomes.receipt("DELIVRD", "027"), Some(7500));
    assert_eq!(outcomes.receipt("ENROUTE", "001"), None);
}

#[test]
fn a_connections_own_rows_come_first() {
    let own: OutcomeRows = toml::from_str(
        r#"
        [[submit]]
        status = 0x0A
        name = "sender not registered yet"
        code = 7101
        retry = "later"
        [[receipt]]
        stat = "undeliv"
        err = "0001"
        code = 7513
        [[receipt]]
        stat = "LIMBO"
        "#,
    )
    .unwrap();
    let outcomes = Outcomes::with_overrides(&own).unwrap();
    assert_eq!(outcomes.submit_error(0x0A), Outcome { code: 7101, retry: Retry::Later });
    assert_eq!(outcomes.receipt("UNDELIV", "1"), Some(7513));
    assert_eq!(outcomes.receipt("UNDELIV", "27"), Some(7207), "the rest of the table stays");
    assert_eq!(outcomes.receipt("LIMBO", "5"), None);
}

#[test]
fn a_row_given_twice_is_refused() {
    let row = ReceiptRow { stat: "X".into(), err: Some("01".into()), code: Some(7201), name: String::new() };
    let same = ReceiptRow { err: Some("1".into()), ..row.clone() };
    let own = OutcomeRows { receipt: vec![row, same], ..OutcomeRows::default() };
    let refused = Outcomes::with_overrides(&own).unwrap_err().to_string();
    assert_eq!(refused, "the table of outcomes names stat X err 1 twice");
}

#[test]
fn message_states_have_the_words_of_receipts() {
    let words: Vec<_> = (1..=8).map(stat_of_message_state).collect();
    let expected = ["ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"];
    assert_eq!(words, expected);
}
