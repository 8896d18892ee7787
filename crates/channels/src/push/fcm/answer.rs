//! FCM's answers: the message's name, or a `google.rpc.Status` with details.

use serde_json::Value;
use waypost_egress::Response;

/// What is of use in an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// The message's name, when it was taken.
    pub(super) name: String,
    /// FCM's errorCode, else the status word.
    pub(super) error: String,
    /// The text, and the fields that were found wrong.
    pub(super) text: String,
}

pub(super) fn read(response: &Response) -> Answer {
    let Ok(body) = serde_json::from_slice::<Value>(&response.body) else { return Answer::default() };
    let error = &body["error"];
    let details = error["details"].as_array().map_or(&[][..], Vec::as_slice);
    let word = details.iter().find_map(|detail| detail["errorCode"].as_str());
    let word = word.or_else(|| error["status"].as_str());
    let mut text = error["message"].as_str().unwrap_or_default().to_owned();
    for part in details.iter().flat_map(parts) {
        if !text.contains(part) {
            text.push_str("; ");
            text.push_str(part);
        }
    }
    Answer {
        name: body["name"].as_str().unwrap_or_default().to_owned(),
        error: word.unwrap_or_default().to_owned(),
        text,
    }
}

/// The texts of a detail: fields of a `BadRequest`, subjects of a `QuotaFailure`.
fn parts(detail: &Value) -> impl Iterator<Item = &str> {
    let lists = ["fieldViolations", "violations"].into_iter();
    let violations = lists.filter_map(|list| detail[list].as_array()).flatten();
    violations.flat_map(|violation| {
        ["field", "subject", "description"].into_iter().filter_map(|key| violation[key].as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: impl ToString) -> Answer {
        read(&Response {
            status: status.try_into().unwrap(),
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
            retry_after: None,
        })
    }

    #[test]
    fn the_error_code_of_the_details_comes_before_the_status_word() {
        let detail = json!({
            "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED",
        });
        let error = json!({"code": 404, "message": "Gone.", "status": "NOT_FOUND", "details": [detail]});
        let expected =
            Answer { name: String::new(), error: "UNREGISTERED".to_owned(), text: "Gone.".to_owned() };
        assert_eq!(answer(404, json!({"error": error})), expected);
        let error = json!({"code": 401, "message": "No.", "status": "UNAUTHENTICATED"});
        assert_eq!(answer(401, json!({"error": error})).error, "UNAUTHENTICATED");
    }

    #[test]
    fn the_fields_found_wrong_are_part_of_the_text() {
        let violation = json!({"field": "message.android.ttl", "description": "Bad"});
        let detail = json!({"@type": "…/google.rpc.BadRequest", "fieldViolations": [violation]});
        let error = json!({"message": "Invalid", "status": "INVALID_ARGUMENT", "details": [detail]});
        assert_eq!(answer(400, json!({"error": error})).text, "Invalid; message.android.ttl; Bad");
    }

    #[test]
    fn an_answer_that_is_not_its_form_is_empty() {
        for body in ["", "<html>", "[]", "{}", "{\"error\":\"x\"}", "{\"error\":{\"details\":{}}}"] {
            assert_eq!(answer(500, body), Answer::default(), "{body}");
        }
    }
}
