//! Outcomes on request: the connector's table of meanings read backwards.

use waypost_channels::smpp::{
    Retry,
    outcomes::{ReceiptRow, SubmitRow, built_in_rows},
};

use super::plan::{Plan, ReceiptPlan};

/// Codes that mean "handed over" and "no receipt came": the SMSC takes the part and stays silent.
const SILENT_CODES: [u16; 2] = [7501, 7303];

/// The script that makes the connector report `code`, or `None` when no provider can say that.
///
/// A final refusal of the submit is preferred, because it is quickest, then a receipt. Statuses that are retried
/// first come last.
#[must_use]
pub fn plan_for_code(code: u16) -> Option<Plan> {
    if SILENT_CODES.contains(&code) {
        return Some(Plan::silent());
    }
    let rows = built_in_rows().ok()?;
    let refused = |row: &SubmitRow| Plan::refused(row.status);
    let mut submits = rows.submit.iter().filter(|row| row.code == code);
    let mut receipts = rows.receipt.iter().filter(|row| row.code == Some(code));
    submits
        .clone()
        .find(|row| row.retry == Retry::Never)
        .map(refused)
        .or_else(|| receipts.next().map(with_receipt))
        .or_else(|| submits.next().map(refused))
}

/// The codes [`plan_for_code`] knows, in ascending order.
#[must_use]
pub fn forcible_codes() -> Vec<u16> {
    let rows = built_in_rows().unwrap_or_default();
    let submits = rows.submit.iter().map(|row| row.code);
    let receipts = rows.receipt.iter().filter_map(|row| row.code);
    let mut codes: Vec<u16> = submits.chain(receipts).chain(SILENT_CODES).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn with_receipt(row: &ReceiptRow) -> Plan {
    let err = row.err.as_deref().unwrap_or("0");
    Plan::receipt(ReceiptPlan::new(row.stat.clone(), format!("{err:0>3}")))
}
