//! The prompts of the HTTP endpoints, over the store.

use waypost_store::TenantId;
use waypost_store::directory::admin::{self, VoicePrompt};

use super::desk::{change, read};
use super::doors::Doors;
use crate::api::{Caller, Desked, Prompts};

impl Prompts for Doors {
    fn list(&self, tenant: TenantId) -> Desked<Vec<VoicePrompt>> {
        read(self.shared(), tenant, move |tx, ctx| admin::list_prompts(tx, ctx, tenant.0))
    }

    fn put(&self, caller: &Caller, name: String, sound: Vec<u8>) -> Desked<String> {
        let tenant = caller.tenant.0;
        change(self.shared(), caller, move |tx, ctx, now| {
            admin::put_prompt(tx, ctx, now, tenant, &name, &sound)
        })
    }

    fn remove(&self, caller: &Caller, name: String) -> Desked<()> {
        let tenant = caller.tenant.0;
        change(self.shared(), caller, move |tx, ctx, now| admin::remove_prompt(tx, ctx, now, tenant, &name))
    }
}
