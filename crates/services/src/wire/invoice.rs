//! Invoices as they are sent and shown (spec 4.2).

use serde::Serialize;
use serde_json::{Number, Value};
use waypost_status::MtapiCode;

use super::Fields;
use crate::records::invoice::Invoice;
use crate::rules::Refusal;
use crate::rules::time::Local;

/// The invoice.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvoiceBody {
    id: i64,
    service_request_id: i64,
    number: String,
    payment_reference_number: Option<String>,
    amount: Option<Number>,
    date: Option<String>,
}

impl InvoiceBody {
    /// Of a record, its date on the wall clock of `zone`.
    #[must_use]
    pub fn of(invoice: Invoice, zone: &Local) -> Self {
        Self {
            id: invoice.id,
            service_request_id: invoice.request,
            number: invoice.number,
            payment_reference_number: invoice.reference,
            amount: invoice.amount.parse().ok(),
            date: invoice.date.map(|at| zone.show(at)),
        }
    }
}

/// Longest number or reference, characters.
const NAME_CHARS_MAX: usize = 100;
/// Digits before and after the point of an amount, at most.
const DIGITS_MAX: (usize, usize) = (12, 4);

/// The invoice after a change: a member that is written out is set, the others stay.
///
/// # Errors
/// 608000 without the id of a request; 901002 that names another member.
pub fn merged(fields: &Fields, before: Option<&Invoice>, zone: &Local) -> Result<Invoice, Refusal> {
    let text = |member: &str, now: Option<String>| {
        if !fields.names(member) {
            return Ok::<_, Refusal>(now);
        }
        let given = fields.opt_text_of(member, NAME_CHARS_MAX)?;
        Ok(given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let request = fields
        .opt_id("ServiceRequestId")
        .map_err(|refusal| refusal.led_by(MtapiCode::InvalidServiceRequestId))?;
    let missing = || {
        Refusal::from(MtapiCode::InvalidServiceRequestId)
            .at(fields.place("ServiceRequestId"), "the id of a service request, mandatory")
    };
    let number = text("Number", before.map(|own| own.number.clone()))?;
    let date = match text("Date", None)? {
        Some(given) => {
            let wrong = || fields.wrong("Date", "a date such as 2021-05-20, or a date and time");
            Some(zone.read(&given).ok_or_else(wrong)?)
        }
        None if fields.names("Date") => None,
        None => before.and_then(|own| own.date),
    };
    Ok(Invoice {
        id: before.map_or(0, |own| own.id),
        request: request.or(before.map(|own| own.request)).ok_or_else(missing)?,
        number: number.ok_or_else(|| fields.wrong("Number", "a text, mandatory"))?,
        reference: text("PaymentReferenceNumber", before.and_then(|own| own.reference.clone()))?,
        amount: amount(fields, before)?,
        date,
        updated_at: before.map_or(waypost_core::time::Micros(0), |own| own.updated_at),
        revision: before.map_or(0, |own| own.revision),
    })
}

fn amount(fields: &Fields, before: Option<&Invoice>) -> Result<String, Refusal> {
    let text = match fields.get("Amount") {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.trim().to_owned(),
        None if !fields.names("Amount") && before.is_some() => {
            return Ok(before.map(|own| own.amount.clone()).unwrap_or_default());
        }
        _ => String::new(),
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |text: &str, max: usize| {
        !text.is_empty() && text.len() <= max && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if digits(whole, DIGITS_MAX.0) && digits(part, DIGITS_MAX.1) {
        return Ok(text);
    }
    Err(fields.wrong("Amount", "a number from 0 on, with four digits after the point at most"))
}
