//! Notifications by e-mail as applications send them (spec 4.2, EmailNotificationDTO and EmailVerificationDTO).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use waypost_mail::email::{Attachment, Language, Mailbox};

use super::Fields;
use crate::rules::Refusal;
use crate::rules::contact::is_web_address;
use crate::rules::fill::Parameters;

/// Recipients of one notification at most.
const RECIPIENTS_MAX: usize = 50;
/// Files of one notification at most.
const FILES_MAX: usize = 20;
/// Parameters at most.
const PARAMETERS_MAX: usize = 200;
/// Longest value of a parameter, characters.
const VALUE_CHARS_MAX: usize = 20_000;
/// Longest name of a template, of a person or of a file, characters.
const NAME_CHARS_MAX: usize = 200;
/// Longest list of addresses, characters.
const ADDRESSES_CHARS_MAX: usize = 16_000;
/// Longest code that confirms an address, characters.
const CODE_CHARS_MAX: usize = 200;

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Which template.
    pub template: String,
    /// About which service request.
    pub request: Option<i64>,
    /// For whom.
    pub user: Option<i64>,
    /// In which language.
    pub language: Language,
    /// From whom.
    pub from: Option<Mailbox>,
    /// To whom; nobody: to the user.
    pub to: Vec<Mailbox>,
    /// Whether the template's body is HTML.
    pub is_html: bool,
    /// Files.
    pub files: Vec<Attachment>,
    /// What stands in the template's placeholders.
    pub parameters: Parameters,
}

/// Reads a notification.
///
/// # Errors
/// 901002 that names the member.
pub fn read(fields: &Fields) -> Result<Notification, Refusal> {
    let from = fields.opt_text_of("From", NAME_CHARS_MAX * 2)?.filter(|text| !text.trim().is_empty());
    let to = fields.opt_text_of("To", ADDRESSES_CHARS_MAX)?.unwrap_or_default();
    Ok(Notification {
        template: fields.text("NotificationTemplateName")?.trim().to_owned(),
        request: fields.opt_id("ServiceRequestId")?,
        user: fields.opt_id("UserId")?,
        language: language(fields)?,
        from: from.map(|text| mailbox(fields, "From", &text)).transpose()?,
        to: recipients(fields, &to)?,
        is_html: fields.flag("IsHtml", false)?,
        files: files(fields)?,
        parameters: parameters(fields)?,
    })
}

fn language(fields: &Fields) -> Result<Language, Refusal> {
    let word = fields.opt_text("Language")?.unwrap_or_default().trim().to_ascii_lowercase();
    match word.as_str() {
        "" | "english" | "en" | "en-ca" => Ok(Language::En),
        "french" | "fr" | "fr-ca" => Ok(Language::Fr),
        _ => Err(fields.wrong("Language", "English or French")),
    }
}

fn mailbox(fields: &Fields, member: &str, text: &str) -> Result<Mailbox, Refusal> {
    text.parse().map_err(|error| fields.wrong(member, format!("{error}")))
}

/// Addresses between `;` or `,`.
fn recipients(fields: &Fields, text: &str) -> Result<Vec<Mailbox>, Refusal> {
    let parts = text.split([';', ',']).filter(|part| !part.trim().is_empty());
    let mut to = parts.map(|part| mailbox(fields, "To", part)).collect::<Result<Vec<_>, _>>()?;
    to.sort_by(|a, b| a.address().cmp(b.address()));
    to.dedup_by(|a, b| a.address() == b.address());
    if to.len() > RECIPIENTS_MAX {
        return Err(fields.wrong("To", format!("at most {RECIPIENTS_MAX} addresses")));
    }
    Ok(to)
}

/// The published member is `Attachements`; a later client writes `Attachments`.
fn files(fields: &Fields) -> Result<Vec<Attachment>, Refusal> {
    let member = if fields.has("Attachements") { "Attachements" } else { "Attachments" };
    let files = fields.objects(member)?;
    if files.len() > FILES_MAX {
        return Err(fields.wrong(member, format!("at most {FILES_MAX} files")));
    }
    files.iter().map(file).collect()
}

fn file(fields: &Fields) -> Result<Attachment, Refusal> {
    let wrong = || fields.wrong("AttachmentBytes", "the file in base64, mandatory");
    let name = fields.opt_text_of("Name", NAME_CHARS_MAX)?.filter(|name| !name.trim().is_empty());
    // `Sream` is an object of the published client's own and says nothing.
    let bytes = fields.get("AttachmentBytes").and_then(serde_json::Value::as_str).ok_or_else(wrong)?;
    let kind = fields.opt_text_of("Type", NAME_CHARS_MAX)?.filter(|kind| kind.contains('/'));
    Ok(Attachment {
        name: name.ok_or_else(|| fields.wrong("Name", "the name of a file, mandatory"))?,
        media_type: kind.unwrap_or_else(|| "application/octet-stream".to_owned()),
        bytes: STANDARD.decode(bytes.trim()).map_err(|_| wrong())?,
    })
}

fn parameters(fields: &Fields) -> Result<Parameters, Refusal> {
    let list = fields.objects("Parameters")?;
    if list.len() > PARAMETERS_MAX {
        return Err(fields.wrong("Parameters", format!("at most {PARAMETERS_MAX} parameters")));
    }
    let mut parameters = Parameters::default();
    if let Some(name) = fields.opt_text_of("UserName", NAME_CHARS_MAX)? {
        parameters.set("UserName", name);
    }
    if let Some(request) = fields.opt_id("ServiceRequestId")? {
        parameters.set("ServiceRequestId", request.to_string());
    }
    for own in &list {
        let value = own.opt_text_of("Value", VALUE_CHARS_MAX)?.unwrap_or_default();
        parameters.set(&own.text("Key")?, value);
    }
    Ok(parameters)
}

/// A code to be sent, so that an address is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Whose address.
    pub user: i64,
    /// Where the code is entered.
    pub url: String,
    /// The code.
    pub code: String,
    /// In English; otherwise in French.
    pub is_english: bool,
}

/// Reads it.
///
/// # Errors
/// 901002 that names the member.
pub fn read_verification(fields: &Fields) -> Result<Verification, Refusal> {
    let url = fields.text("Url")?;
    if !is_web_address(&url) {
        return Err(fields.wrong("Url", "an absolute address with http or https"));
    }
    let code = fields.opt_text_of("ConfirmationCode", CODE_CHARS_MAX)?.filter(|code| !code.trim().is_empty());
    Ok(Verification {
        user: fields.id("UserId")?,
        url: url.trim().to_owned(),
        code: code.ok_or_else(|| fields.wrong("ConfirmationCode", "a code, mandatory"))?,
        is_english: fields.flag("IsEnglish", true)?,
    })
}
