//! Where families put their letters.

use std::fmt;
use std::sync::Arc;

use waypost_channels::email::{Letter, Mailbox};
use waypost_core::id::IdGenerator;
use waypost_core::time::Micros;
use waypost_delivery::Dispatcher;
use waypost_store::seal::MasterKey;
use waypost_store::{Sql, StoreError, TenantId};

use crate::draft::Draft;
use crate::guard::{Fate, Safeguard};
use crate::records::{self, NewMail, State};

/// What an operator can set of the letters themselves.
#[derive(Clone, Debug)]
pub struct OutboxSettings {
    /// Who sends them.
    pub from: Mailbox,
    /// Whom they may reach.
    pub safeguard: Safeguard,
    /// Longest letter with its files, bytes before encoding.
    pub letter_bytes_max: usize,
}

/// The outbox; cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    ids: Arc<IdGenerator>,
    key: Arc<MasterKey>,
    settings: OutboxSettings,
    letters: Arc<Dispatcher<()>>,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl Outbox {
    pub(crate) fn new(
        (ids, key): (Arc<IdGenerator>, Arc<MasterKey>),
        settings: OutboxSettings,
        letters: Arc<Dispatcher<()>>,
    ) -> Self {
        Self(Arc::new(Inner { ids, key, settings, letters }))
    }

    /// Longest letter with its files, bytes before encoding. Whoever lets strangers write letters asks first.
    #[must_use]
    pub fn letter_bytes_max(&self) -> usize {
        self.0.settings.letter_bytes_max
    }

    /// Writes a letter in the transaction of what it tells of; returns its id. Nothing leaves before the commit, and everything
    /// after it: also without [`Outbox::release`], only later.
    ///
    /// # Errors
    /// See [`Sql::put`]; when the letter cannot be sealed.
    pub fn enqueue(&self, tx: &mut dyn Sql, draft: &Draft, now: Micros) -> Result<i64, StoreError> {
        let inner = &self.0;
        let id = inner.ids.next_range(now, 1).0;
        let (letter, state) = self.letter(draft, id, now);
        let tenant = draft.tenant.0;
        let new =
            NewMail { id, tenant, reason: draft.reason.word(), about: draft.about, state, letter: &letter };
        records::insert(tx, &inner.key, &new)?;
        if state == State::Waiting {
            records::plan(tx, tenant, (id, id), now)?;
        }
        metrics::counter!("waypost_mail_written_total", "reason" => draft.reason.word()).increment(1);
        Ok(id)
    }

    /// Letters of this tenant were committed: they are looked for at once.
    pub fn release(&self, tenant: TenantId, now: Micros) {
        self.0.letters.backlog(&records::queue(tenant.0), now);
    }

    fn letter(&self, draft: &Draft, id: i64, now: Micros) -> (Letter, State) {
        let settings = &self.0.settings;
        let (to, meant_for, state) = match settings.safeguard.fate(draft.to.address(), draft.ask) {
            Fate::Send => (draft.to.clone(), None, State::Waiting),
            Fate::Divert(other) => (other, Some(draft.to.clone()), State::Waiting),
            Fate::Withhold => (draft.to.clone(), None, State::Withheld),
        };
        let own = settings.from.address();
        let is_ours = |asked: &Mailbox| asked.address().domain().eq_ignore_ascii_case(own.domain());
        let (from, reply_to) = match &draft.from {
            Some(asked) if is_ours(asked) => (asked.clone(), None),
            asked => (settings.from.clone(), asked.clone()),
        };
        let letter = Letter {
            message_id: format!("waypost.{id}@{}", own.domain()),
            written_at: now,
            from,
            reply_to,
            to,
            meant_for,
            subject: draft.subject.clone(),
            text: draft.text.clone(),
            html: draft.html.clone(),
            language: draft.language,
            attachments: draft.attachments.clone(),
        };
        (letter, state)
    }
}
