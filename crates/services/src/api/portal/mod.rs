//! The PortalCapabilities controller (spec 3.11).

mod capabilities;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::get("/api/v1/portal-capabilities", Grant::read(Area::Portal), |call| {
        Box::pin(capabilities::handle(call))
    })
    .takes(&[Param::flag("isEnglish").optional()])
    .fails(MtapiCode::RetrievingPortalCapabilitiesFailed)
    .gives("PortalCapability[]")
    .does("Lists what a portal can offer on this server.")];
