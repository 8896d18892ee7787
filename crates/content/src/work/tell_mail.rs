//! Alerts by e-mail: one letter for each partner of what was opened and resolved since the last.

use std::collections::BTreeMap;
use std::sync::Arc;

use waypost_core::id::MessageId;
use waypost_core::time::{Micros, rfc3339_utc};
use waypost_mail::email::Mailbox;
use waypost_mail::{Draft, Outbox, Reason};
use waypost_store::{Sql, StoreError, TenantId};

use super::runtime::Shared;
use crate::records::alert::{self, Alert};

/// Alerts of one look at most; the rest is mailed with the next.
const MAILED_MAX: i64 = 200;

/// Who is told of alerts by e-mail.
#[derive(Clone, Debug)]
pub struct AlertMail {
    /// Where the letters are put.
    pub outbox: Outbox,
    /// Who gets each.
    pub to: Vec<Mailbox>,
    /// Shortest time between two letters, milliseconds: a thousand lanes that stop at once are one letter.
    pub every_ms: i64,
}

/// Writes the letters that are due, in one transaction with the note that they were; returns when the next may be.
pub async fn alerts(shared: &Arc<Shared>, not_before: Micros) -> Result<Micros, StoreError> {
    let Some(mail) = shared.alert_mail() else { return Ok(not_before) };
    let now = shared.clock.now();
    if now < not_before {
        return Ok(not_before);
    }
    let (own, letters) = (Arc::clone(shared), mail.clone());
    let tenants = shared.store.write(move |tx| write(tx, &own, &letters, now)).await?;
    for tenant in &tenants {
        mail.outbox.release(TenantId(*tenant), now);
    }
    Ok(if tenants.is_empty() { not_before } else { now.add_ms(mail.every_ms) })
}

fn write(tx: &mut dyn Sql, shared: &Shared, mail: &AlertMail, now: Micros) -> Result<Vec<i64>, StoreError> {
    let mut by_partner: BTreeMap<(i64, i64), Vec<Alert>> = BTreeMap::new();
    for one in alert::unmailed(tx, MAILED_MAX)? {
        by_partner.entry((one.tenant, one.partner)).or_default().push(one);
    }
    let directory = shared.directory.current();
    for ((tenant, partner), alerts) in &by_partner {
        let slug = directory.partner(*partner).map_or("?", |partner| partner.slug.as_str());
        for to in &mail.to {
            let (subject, text) = (subject(slug, alerts), text(slug, alerts));
            let draft =
                Draft::of(TenantId(*tenant), (Reason::Alert, alerts[0].id), to.clone(), subject, text);
            mail.outbox.enqueue(tx, &draft, now)?;
        }
        for one in alerts {
            alert::mailed(tx, one)?;
        }
    }
    Ok(by_partner.into_keys().map(|(tenant, _)| tenant).collect())
}

/// The worst of them first.
fn subject(partner: &str, alerts: &[Alert]) -> String {
    let open: Vec<_> = alerts.iter().filter(|one| one.state != RESOLVED).collect();
    let worst =
        ["CRITICAL", "WARNING", "INFO"].into_iter().find(|word| open.iter().any(|one| one.severity == *word));
    match (worst, open.as_slice()) {
        (None, _) => format!("[Waypost] {partner}: {} resolved", many(alerts.len())),
        (Some(word), [one]) => format!("[Waypost] {word} {partner}: {} {}", one.kind, one.property),
        (Some(word), _) => format!("[Waypost] {word} {partner}: {}", many(open.len())),
    }
}

const RESOLVED: &str = "RESOLVED";

fn many(n: usize) -> String {
    if n == 1 { "1 alert".to_owned() } else { format!("{n} alerts") }
}

fn text(partner: &str, alerts: &[Alert]) -> String {
    let mut text = format!("Alerts of the content partner {partner}:\n");
    for one in alerts {
        let since = rfc3339_utc(MessageId(one.id).time());
        let object = if one.object.is_empty() {
            String::new()
        } else {
            format!(" {} {}", one.object_kind.word(), one.object)
        };
        let property = if one.property.is_empty() { String::new() } else { format!(" {}", one.property) };
        text.push_str(&format!(
            "\n{} {} {}{property}{object}\n  {}\n  alert {}, since {since}\n",
            one.state, one.severity, one.kind, one.summary, one.id
        ));
    }
    text.push_str("\nwaypost content alerts lists what is open; waypost content ack ID says that somebody looks after it.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn alert(severity: &'static str, state: &'static str) -> Alert {
        Alert {
            id: MessageId::floor(Micros::from_secs(1_790_000_000)).0,
            tenant: 1,
            partner: 2,
            kind: "PUSH_REJECTED".to_owned(),
            severity,
            property: "LIS1".to_owned(),
            object_kind: Kind::Tax,
            object: "CITY".to_owned(),
            message_id: String::new(),
            summary: "refused with HTTP 400".to_owned(),
            differences: "[]".to_owned(),
            state,
            times: 1,
            changed_at: Micros(0),
        }
    }

    #[test]
    fn the_subject_tells_the_worst_that_is_open() {
        let (bad, mild, over) =
            (alert("CRITICAL", "OPEN"), alert("WARNING", "OPEN"), alert("CRITICAL", "RESOLVED"));
        assert_eq!(subject("ota", std::slice::from_ref(&bad)), "[Waypost] CRITICAL ota: PUSH_REJECTED LIS1");
        assert_eq!(subject("ota", &[mild.clone(), bad]), "[Waypost] CRITICAL ota: 2 alerts");
        assert_eq!(subject("ota", &[over.clone(), mild]), "[Waypost] WARNING ota: PUSH_REJECTED LIS1");
        assert_eq!(subject("ota", &[over]), "[Waypost] ota: 1 alert resolved");
    }

    #[test]
    fn each_alert_is_told_with_its_object_and_its_summary() {
        let text = text("ota", &[alert("CRITICAL", "OPEN")]);
        assert!(
            text.contains("OPEN CRITICAL PUSH_REJECTED LIS1 tax CITY\n  refused with HTTP 400\n"),
            "{text}"
        );
        assert!(text.contains("since 2026-09-21T14:13:20.000Z"), "{text}");
    }
}
