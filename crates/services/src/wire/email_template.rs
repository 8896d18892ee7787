//! Templates of e-mail notifications as they are sent and shown (spec 4.2).

use serde::Serialize;
use serde_json::Value;

use super::Fields;
use crate::records::email_template::EmailTemplate;
use crate::rules::Refusal;

/// Longest name, characters.
const NAME_CHARS_MAX: usize = 200;
/// Longest subject, characters.
const SUBJECT_CHARS_MAX: usize = 500;
/// Paragraphs of one body at most.
const PARAGRAPHS_MAX: usize = 200;
/// Longest paragraph, characters.
const PARAGRAPH_CHARS_MAX: usize = 10_000;

/// The template.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplateBody {
    name: String,
    service_name: Option<String>,
    body_text_english: Vec<String>,
    body_text_french: Vec<String>,
    has_body_parameters: bool,
    subject_text_english: String,
    subject_text_french: String,
    has_subject_parameters: bool,
    is_deleted: bool,
}

impl TemplateBody {
    /// Of a record.
    #[must_use]
    pub fn of(template: EmailTemplate) -> Self {
        Self {
            name: template.name,
            service_name: template.service_name,
            body_text_english: template.bodies.0,
            body_text_french: template.bodies.1,
            has_body_parameters: template.body_parameters,
            subject_text_english: template.subjects.0,
            subject_text_french: template.subjects.1,
            has_subject_parameters: template.subject_parameters,
            is_deleted: template.is_deleted,
        }
    }
}

/// The template of a body. Subject and body are asked for in both languages.
///
/// # Errors
/// 901002 that names the member.
pub fn read(fields: &Fields) -> Result<EmailTemplate, Refusal> {
    let text = |member: &str, max: usize| {
        let text = fields.opt_text_of(member, max)?.map(|text| text.trim().to_owned());
        let text = text.filter(|text| !text.is_empty());
        text.ok_or_else(|| fields.wrong(member, "a text, mandatory"))
    };
    Ok(EmailTemplate {
        name: text("Name", NAME_CHARS_MAX)?,
        service_name: fields.opt_text_of("ServiceName", NAME_CHARS_MAX)?,
        subjects: (
            text("SubjectTextEnglish", SUBJECT_CHARS_MAX)?,
            text("SubjectTextFrench", SUBJECT_CHARS_MAX)?,
        ),
        bodies: (paragraphs(fields, "BodyTextEnglish")?, paragraphs(fields, "BodyTextFrench")?),
        subject_parameters: fields.flag("HasSubjectParameters", false)?,
        body_parameters: fields.flag("HasBodyParameters", false)?,
        is_deleted: false,
        revision: 0,
    })
}

fn paragraphs(fields: &Fields, member: &str) -> Result<Vec<String>, Refusal> {
    let wrong = || {
        let rule =
            format!("1 to {PARAGRAPHS_MAX} texts of at most {PARAGRAPH_CHARS_MAX} characters, mandatory");
        fields.wrong(member, rule)
    };
    let fits = |text: &str| !text.contains('\0') && text.chars().count() <= PARAGRAPH_CHARS_MAX;
    // One text in place of a list is a list of one.
    let list = match fields.get(member) {
        Some(Value::String(text)) => vec![Value::String(text.clone())],
        _ => fields.list(member)?,
    };
    if list.is_empty() || list.len() > PARAGRAPHS_MAX {
        return Err(wrong());
    }
    let text = |value: &Value| value.as_str().filter(|text| fits(text)).map(str::to_owned);
    list.iter().map(|value| text(value).ok_or_else(wrong)).collect()
}
