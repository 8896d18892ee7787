//! The seams in the test's hands: what the server asks is answered from the world, and what it does is kept there.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use waypost_channels::social::{Media, MediaFault};
use waypost_core::id::{TransactionId, TransactionRef};
use waypost_core::time::Micros;
use waypost_messaging::api::profile::{
    AppStore, BatchOutcome, ProfileAsk, ProfileCaller, ProfileWrite, ProfileWritten, Profiles, ProfilesFound,
};
use waypost_messaging::api::{
    Accept, AcceptError, Asset, BoxFuture, Caller, DirectoryView, Entropy, EventSubmission, Events, Lookup,
    LookupError, OnceAnswer, ServiceLogin, Social, StatusRecord, Submission,
};
use waypost_messaging::records::idempotency::{Known, Once};
use waypost_messaging::wire::social::Happening;
use waypost_store::directory::{EventDefinition, EventParameter, ParameterKind};

use super::{KEY, NEW_KEY, SECRET, World};

/// No randomness at all.
pub struct Fixed;

impl Entropy for Fixed {
    fn next(&self) -> Option<u64> {
        Some(0x000f_edcb_a987_6543)
    }
}

/// The seams need owned values; the world is shared with the test.
pub struct Hands(pub Arc<World>);

impl DirectoryView for Hands {
    fn by_key(&self, presented: &str) -> Option<Arc<Caller>> {
        let looked = self.0.looks.load(Ordering::Relaxed) > 0;
        (presented == KEY || presented == NEW_KEY && looked).then(|| self.0.caller.lock().unwrap().clone())
    }

    fn by_service_id(&self, service_id: &str) -> Option<ServiceLogin> {
        let secret: &[u8] = match service_id {
            "svc" => SECRET,
            "empty" => b"",
            _ => return None,
        };
        Some(ServiceLogin { caller: self.0.caller.lock().unwrap().clone(), secret: secret.into() })
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        self.0.looks.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(()))
    }
}

impl Accept for Hands {
    fn accept(&self, submission: Submission) -> BoxFuture<'static, Result<(), AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.kept.lock().unwrap().push(submission);
        }
        Box::pin(std::future::ready(outcome))
    }

    fn accept_once(
        &self,
        submission: Submission,
        once: OnceAnswer,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.kept.lock().unwrap().push(submission);
            self.0.answers.lock().unwrap().push(once);
        }
        Box::pin(std::future::ready(outcome.map(|()| None)))
    }

    fn known(
        &self,
        _: &Caller,
        once: Once,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        if let Err(error) = *self.0.known.lock().unwrap() {
            return Box::pin(std::future::ready(Err(error)));
        }
        let answers = self.0.answers.lock().unwrap();
        let known = answers
            .iter()
            .find(|kept| kept.once.key == once.key)
            .map(|kept| if kept.once == once { Known::Same(kept.answer.clone()) } else { Known::Other });
        Box::pin(std::future::ready(Ok(known)))
    }

    fn keep_answer(
        &self,
        _: &Caller,
        once: OnceAnswer,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.answers.lock().unwrap().push(once);
        }
        Box::pin(std::future::ready(outcome.map(|()| None)))
    }
}

/// Event 4451 of the tenant: `name` is mandatory, `amount` a number, `when` a date, `flag` a flag, `greeting` has a default.
impl Events for Hands {
    fn event(&self, caller: &Caller, id: i64) -> Option<Arc<EventDefinition>> {
        let parameter = |name: &str, kind, mandatory, default: Option<&str>| EventParameter {
            name: name.to_owned(),
            kind,
            mandatory,
            default: default.map(str::to_owned),
        };
        let parameters = vec![
            parameter("name", ParameterKind::Text, true, None),
            parameter("amount", ParameterKind::Number, false, None),
            parameter("when", ParameterKind::Date, false, None),
            parameter("flag", ParameterKind::Flag, false, None),
            parameter("greeting", ParameterKind::Text, true, Some("Hello")),
        ];
        let tenant = caller.tenant.0;
        let event = EventDefinition { id, tenant, name: "order".to_owned(), parameters, enabled: true };
        (id == 4451).then(|| Arc::new(event))
    }

    fn keep(&self, submission: EventSubmission) -> BoxFuture<'static, Result<Option<Known>, AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.answers.lock().unwrap().extend(submission.once.clone());
            self.0.events.lock().unwrap().push(submission);
        }
        Box::pin(std::future::ready(outcome.map(|()| None)))
    }
}

/// Profiles have a suite of their own, over a store.
impl Profiles for Hands {
    fn by_key(&self, _: &str) -> Option<Arc<ProfileCaller>> {
        None
    }

    fn app(&self, _: &ProfileCaller, _: &str) -> Option<AppStore> {
        None
    }

    fn known(
        &self,
        _: &ProfileCaller,
        _: Once,
        _: Micros,
    ) -> BoxFuture<'static, Result<Option<ProfileWritten>, AcceptError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn write(&self, _: ProfileWrite) -> BoxFuture<'static, Result<ProfileWritten, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }

    fn read(
        &self,
        _: Arc<ProfileCaller>,
        _: ProfileAsk,
    ) -> BoxFuture<'static, Result<ProfilesFound, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }

    fn results(
        &self,
        _: Arc<ProfileCaller>,
        _: TransactionId,
    ) -> BoxFuture<'static, Result<Option<BatchOutcome>, AcceptError>> {
        Box::pin(std::future::ready(Err(AcceptError::Unavailable)))
    }
}

impl Lookup for Hands {
    fn find(
        &self,
        _: Arc<Caller>,
        asked: TransactionRef,
    ) -> BoxFuture<'static, Result<Vec<StatusRecord>, LookupError>> {
        self.0.asked.lock().unwrap().push(asked);
        Box::pin(std::future::ready(self.0.found.lock().unwrap().clone()))
    }
}

impl Social for Hands {
    fn asset(&self, app_id: &str) -> Option<Asset> {
        self.0.assets.lock().unwrap().iter().find(|asset| asset.account.app_id == app_id).cloned()
    }

    fn keep(&self, _: &Asset, happenings: Vec<Happening>) -> BoxFuture<'static, Result<(), AcceptError>> {
        let outcome = *self.0.accept.lock().unwrap();
        if outcome.is_ok() {
            self.0.happened.lock().unwrap().extend(happenings);
        }
        Box::pin(std::future::ready(outcome))
    }

    fn upload(&self, _: &Asset, media: Media) -> BoxFuture<'static, Result<String, MediaFault>> {
        self.0.uploads.lock().unwrap().push(media);
        Box::pin(std::future::ready(self.0.uploaded.lock().unwrap().clone()))
    }
}
