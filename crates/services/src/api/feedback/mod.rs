//! The Feedback controller (spec 3.5, 4.4).

mod add;

use waypost_status::MtapiCode;

use super::operation::Operation;
use crate::rules::{Area, Grant};

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::post("/api/v1/feedback", Grant::write(Area::Feedback), |call| Box::pin(add::handle(call)))
        .reads("FeedbackDTO")
        .fails(MtapiCode::AddFeedbackFailed)
        .gives("Feedback")
        .does("Adds a feedback on a service.")];
