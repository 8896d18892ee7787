//! The templates of the HTTP endpoints, over the store.

use serde_json::Value;
use waypost_core::channel::Channel;
use waypost_core::msisdn::{Msisdn, PlusRule};
use waypost_store::directory::{Template, admin};
use waypost_store::{StoreError, TenantId};

use super::desk::{change, read};
use super::doors::Doors;
use crate::api::{Caller, Desked, PreviewRequest, Templates, WholeTemplate};
use crate::rules::preview::{Preview, preview};

impl Templates for Doors {
    fn list(&self, tenant: TenantId) -> Desked<Vec<Template>> {
        read(self.shared(), tenant, |tx, ctx| admin::list_templates(tx, ctx))
    }

    fn show(&self, tenant: TenantId, id: String) -> Desked<WholeTemplate> {
        read(self.shared(), tenant, move |tx, ctx| {
            let (template, versions) = admin::template(tx, ctx, &id)?;
            Ok(WholeTemplate { template, versions })
        })
    }

    fn create(&self, caller: &Caller, id: Option<String>, name: String) -> Desked<Template> {
        change(self.shared(), caller, move |tx, ctx, now| {
            admin::create_template(tx, ctx, now, id.as_deref(), &name)
        })
    }

    fn add(&self, caller: &Caller, id: String, channel: Channel, content: Value) -> Desked<i64> {
        let content = content.to_string();
        change(self.shared(), caller, move |tx, ctx, now| {
            admin::add_template_version(tx, ctx, now, &id, channel, &content)
        })
    }

    fn approve(
        &self,
        caller: &Caller,
        id: String,
        (channel, version): (Channel, i64),
        approved: bool,
    ) -> Desked<()> {
        change(self.shared(), caller, move |tx, ctx, now| {
            admin::approve_template(tx, ctx, now, (&id, channel, version), approved)
        })
    }

    fn preview(&self, tenant: TenantId, id: String, asked: PreviewRequest) -> Desked<Preview> {
        let directory = self.shared().directory.current();
        read(self.shared(), tenant, move |tx, ctx| {
            let (_, versions) = admin::template(tx, ctx, &id)?;
            let PreviewRequest { channel, version, parameters, msisdn } = asked;
            let word = channel.wire_name().to_ascii_lowercase();
            let of_channel = |known: &&waypost_store::directory::TemplateVersion| {
                known.channel == word && version.is_none_or(|version| version == known.version)
            };
            let found = versions.iter().filter(of_channel).max_by_key(|known| known.version);
            let found = found.ok_or_else(|| StoreError::Refused(format!("no version of {id} on {word}")))?;
            let number = msisdn.as_deref().and_then(|text| Msisdn::parse(text, PlusRule::Optional).ok());
            let policies = directory.policies().of_tenant(ctx.tenant.0);
            Ok(preview(channel, &found.content, &parameters, policies, number.as_ref()))
        })
    }
}
