//! The sandbox's template, its event, and the rule that sends the one when the other is told of.

use serde_json::{Map, json};
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_store::directory::{EventParameter, Happens, ParameterKind, Rule, admin};
use waypost_store::{Ctx, Sql, StoreError};

use super::customer::CUSTOMER_ID;

/// The template's id.
pub const TEMPLATE_ID: &str = "sandbox-hello";
/// The event's and the rule's name.
const NAME: &str = "sandbox-hello";

/// Makes what is not there yet; `service` sends. Returns the event's `evtid`.
pub fn complete(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, service: &str) -> Result<i64, StoreError> {
    if admin::list_templates(tx, ctx)?.iter().all(|template| template.template_id != TEMPLATE_ID) {
        admin::create_template(tx, ctx, now, Some(TEMPLATE_ID), "Hello")?;
        let content = json!({"type": 1, "text": "Hello {{name}}"}).to_string();
        let version = admin::add_template_version(tx, ctx, now, TEMPLATE_ID, Channel::Sms, &content)?;
        admin::approve_template(tx, ctx, now, (TEMPLATE_ID, Channel::Sms, version), true)?;
    }
    let known = admin::list_events(tx, ctx)?.into_iter().find(|event| event.name == NAME);
    if let Some(known) = known {
        return Ok(known.id);
    }
    let name =
        EventParameter { name: "name".to_owned(), kind: ParameterKind::Text, mandatory: true, default: None };
    let event = admin::create_event(tx, ctx, now, NAME, &[name])?;
    let service = admin::service_by_slug(tx, ctx, ctx.tenant.0, service)?.id;
    let mut destination = Map::new();
    destination.insert("customerid".to_owned(), json!([CUSTOMER_ID]));
    let rule = Rule {
        id: 0,
        tenant: 0,
        service,
        name: NAME.to_owned(),
        happens: Happens::Event,
        event: Some(event),
        conditions: Vec::new(),
        template: TEMPLATE_ID.to_owned(),
        channel: Channel::Sms,
        destination,
        delay_s: 0,
        enabled: true,
    };
    admin::create_rule(tx, ctx, now, &rule)?;
    Ok(event)
}
