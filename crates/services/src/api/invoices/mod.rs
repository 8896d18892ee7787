//! The Invoices controller (spec 3.6).

mod add;
mod change;
mod list;
mod of_request;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Invoices);
const WRITE: Grant = Grant::write(Area::Invoices);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/invoices", READ, |call| Box::pin(list::handle(call)))
        .takes(&[Param::text("number").optional(), Param::text("reference").optional()])
        .gives("StoredInvoice[]")
        .does("Lists the invoices with a number or a payment reference."),
    Operation::put("/api/v1/invoices", WRITE, |call| Box::pin(change::handle(call)))
        .reads("Invoice")
        .also(&[412])
        .gives("StoredInvoice")
        .does("Changes an invoice."),
    Operation::post("/api/v1/invoices", WRITE, |call| Box::pin(add::handle(call)))
        .reads("InvoiceDTO")
        .gives("StoredInvoice")
        .does("Adds an invoice to a service request."),
    Operation::get("/api/v1/servicerequests/{id}/invoices", READ, |call| Box::pin(of_request::handle(call)))
        .takes(&[Param::path_id("id").or(MtapiCode::InvalidServiceRequestId)])
        .gives("StoredInvoice[]")
        .does("Lists the invoices of a service request."),
];
