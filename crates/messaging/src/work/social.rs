//! The social side of the HTTP endpoints, over the running family: webhooks and media.

use std::sync::Arc;

use waypost_channels::social::{Media, MediaFault};
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_store::directory::{App, AppKind, Status};
use waypost_store::{Sql, StoreError};

use super::doors::Doors;
use super::emit::{self, Emitted};
use super::runtime::Shared;
use super::social_inbound;
use super::social_receipts::{self, Heard, Report};
use crate::api::{AcceptError, Asset, BoxFuture, Social};
use crate::wire::social::Happening;

/// The channel of an asset of a social kind.
const fn channel(kind: AppKind) -> Option<Channel> {
    match kind {
        AppKind::Fb => Some(Channel::Fb),
        AppKind::Twitter => Some(Channel::Twitter),
        AppKind::Wechat => Some(Channel::Wechat),
        AppKind::Mobile => None,
    }
}

impl Social for Doors {
    fn asset(&self, app_id: &str) -> Option<Asset> {
        let shared = self.shared();
        let directory = shared.directory.current();
        let app = directory.apps().by_app_id(app_id)?;
        let tenant = directory.tenant(app.tenant)?;
        let channel = channel(app.kind)?;
        let is_active = app.status == Status::Live && tenant.status == Status::Live;
        let account = shared.accounts.open(app, tenant.sandbox);
        Some(Asset { tenant: app.tenant, channel, is_active, account })
    }

    fn keep(&self, asset: &Asset, happenings: Vec<Happening>) -> BoxFuture<'static, Result<(), AcceptError>> {
        let (shared, row, channel) = (Arc::clone(self.shared()), asset.account.id, asset.channel);
        Box::pin(async move {
            let Some(app) = shared.directory.current().apps().by_row(row).cloned() else { return Ok(()) };
            let at = shared.clock.now();
            let job_shared = Arc::clone(&shared);
            let job = move |tx: &mut dyn Sql| keep(&job_shared, tx, &app, channel, &happenings, at);
            match shared.store.write(job).await {
                Ok(emitted) => {
                    emit::release(&shared, emitted);
                    Ok(())
                }
                Err(StoreError::Busy) => Err(AcceptError::Busy),
                Err(error) => {
                    tracing::error!(%error, "a webhook could not be kept");
                    Err(AcceptError::Unavailable)
                }
            }
        })
    }

    fn upload(&self, asset: &Asset, media: Media) -> BoxFuture<'static, Result<String, MediaFault>> {
        let shared = self.shared();
        let upload = shared.connectors.media.as_ref().and_then(|social| {
            let account = Arc::clone(&asset.account);
            social.upload(asset.channel, account, media, shared.settings.send_deadline_ms)
        });
        upload.unwrap_or_else(|| {
            let fault = MediaFault::rule(7106, "nothing carries media on this channel");
            Box::pin(std::future::ready(Err(fault)))
        })
    }
}

fn keep(
    shared: &Shared,
    tx: &mut dyn Sql,
    app: &App,
    channel: Channel,
    happenings: &[Happening],
    at: Micros,
) -> Result<Vec<Emitted>, StoreError> {
    let mut emitted = Vec::new();
    for happening in happenings {
        let heard = match happening {
            Happening::Said(said) => {
                emitted.extend(social_inbound::record(shared, tx, app, channel, said, at)?);
                continue;
            }
            Happening::Delivered { ids, user, until } => match (ids.is_empty(), until) {
                (false, _) => Heard::Delivered(ids.clone()),
                (true, Some(until)) => Heard::DeliveredUntil(user.clone(), *until),
                (true, None) => continue,
            },
            Happening::Read { user, until } => Heard::ReadUntil(user.clone(), *until),
        };
        let report = Report { app: app.id, tenant: app.tenant, channel, heard, at };
        emitted.extend(social_receipts::record(shared, tx, &report)?);
    }
    Ok(emitted)
}
