//! What a message says: its length (7107) and the spam lists (7111).

use waypost_core::policy::WordList;
use waypost_store::directory::TenantPolicies;

use super::{Facts, Note, PolicyCode};
use crate::rules::TEXT_CHARS_MAX;

pub(super) fn length(facts: &Facts<'_>, tenant: Option<&TenantPolicies>) -> Option<Note> {
    let text = facts.text?;
    let set = tenant.and_then(|tenant| tenant.text_chars_max(facts.service));
    let max = set.and_then(|max| usize::try_from(max).ok()).unwrap_or(TEXT_CHARS_MAX);
    // Bytes bound characters from above: most texts need no counting.
    if text.len() <= max {
        return None;
    }
    let count = text.chars().count();
    (count > max)
        .then(|| Note::refusal(PolicyCode::TextTooLong, format!("{count} characters, {max} are allowed")))
}

pub(super) fn spam(facts: &Facts<'_>, tenant: Option<&TenantPolicies>, platform: &WordList) -> Option<Note> {
    let text = facts.text?;
    let found = |list: &WordList, whose| {
        let phrase = list.find(text)?.text();
        Some(Note::refusal(PolicyCode::Spam, format!("a phrase of the {whose} list: {phrase}")))
    };
    found(platform, "platform's").or_else(|| found(&tenant?.spam, "tenant's"))
}
