//! What a call plays: its flow or prompt from the store, its texts from text-to-speech, kept in memory for the next call.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use waypost_channels::voice::flow::{Flow, Plan, Sound};
use waypost_channels::voice::tts::Speaker;
use waypost_store::directory::admin;
use waypost_store::{Store, StoreError, TenantId};

use crate::rules::fill_spoken;

/// Octets of sound kept in memory: an hour and a half.
const KEPT_BYTES_MAX: usize = 48 * 1024 * 1024;

/// Why there is nothing to play.
#[derive(Debug, thiserror::Error)]
pub(super) enum SoundError {
    /// The tenant has none of that name or id, or it cannot be spoken: no later attempt changes that.
    #[error("{0}")]
    Missing(String),
    /// A text names a parameter that has no value.
    #[error("there is no parameter {0}")]
    Unresolved(String),
    /// The store failed.
    #[error("what the call plays could not be read: {0}")]
    Store(#[from] StoreError),
}

/// What a call is to play, and of whom.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) store: &'a Store,
    /// The directory's.
    pub(super) revision: i64,
    pub(super) tenant: TenantId,
    /// The accepted block.
    pub(super) block: &'a Value,
    /// What texts may name.
    pub(super) parameters: &'a BTreeMap<String, String>,
}

/// Sounds by tenant, valid at one revision of the directory.
#[derive(Debug, Default)]
struct Kept {
    revision: i64,
    bytes: usize,
    sounds: HashMap<(i64, Sound), Arc<[u8]>>,
}

/// Finds and makes sounds.
#[derive(Debug)]
pub(super) struct Sounds {
    speaker: Speaker,
    kept: Mutex<Kept>,
}

impl Sounds {
    pub(super) fn new(tts_command: Vec<String>) -> Self {
        Self { speaker: Speaker::new(tts_command), kept: Mutex::default() }
    }

    /// The plan of an accepted block: its flow, else its prompt, else its file (spec 3.5).
    pub(super) async fn plan(&self, wanted: Wanted<'_>) -> Result<Arc<Plan>, SoundError> {
        let text = |name: &str| wanted.block.get(name).and_then(Value::as_str).map(str::to_owned);
        let flow = match (text("callflowid"), text("promptid").or_else(|| text("media"))) {
            (Some(id), _) => stored_flow(wanted.store, wanted.tenant, id).await?,
            (None, Some(prompt)) => Flow::of_sound(Sound::Prompt(prompt)),
            (None, None) => return Err(SoundError::Missing("there is nothing to play".to_owned())),
        };
        let mut sounds = HashMap::new();
        for sound in flow.sounds() {
            sounds.insert(sound.clone(), self.sound(&wanted, sound).await?);
        }
        Ok(Arc::new(Plan { flow: Arc::new(flow), sounds }))
    }

    async fn sound(&self, wanted: &Wanted<'_>, sound: &Sound) -> Result<Arc<[u8]>, SoundError> {
        let Wanted { store, revision, tenant, parameters, .. } = *wanted;
        if let Some(known) = self.known(revision, tenant, sound) {
            return Ok(known);
        }
        let made = match sound {
            Sound::Prompt(wanted) => {
                let asked = wanted.clone();
                let found = store.read(move |tx| admin::prompt_sound(tx, tenant, &asked)).await?;
                found.ok_or_else(|| SoundError::Missing(format!("there is no prompt {wanted}")))?.into()
            }
            Sound::Say(text) => {
                let filled = fill_spoken(text, parameters).map_err(SoundError::Unresolved)?;
                let spoken = self.speaker.speak(&filled).await;
                let spoken = spoken.map_err(|error| SoundError::Missing(error.to_string()))?;
                if filled != *text {
                    // It is one recipient's: nobody else will hear it.
                    return Ok(spoken);
                }
                spoken
            }
        };
        self.keep(tenant, sound, &made);
        Ok(made)
    }

    fn known(&self, revision: i64, tenant: TenantId, sound: &Sound) -> Option<Arc<[u8]>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.revision != revision {
            *kept = Kept { revision, ..Kept::default() };
        }
        kept.sounds.get(&(tenant.0, sound.clone())).cloned()
    }

    fn keep(&self, tenant: TenantId, sound: &Sound, made: &Arc<[u8]>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + made.len() > KEPT_BYTES_MAX {
            (kept.bytes, kept.sounds) = (0, HashMap::new());
        }
        kept.bytes += made.len();
        kept.sounds.insert((tenant.0, sound.clone()), Arc::clone(made));
    }
}

async fn stored_flow(store: &Store, tenant: TenantId, id: String) -> Result<Flow, SoundError> {
    let asked = id.clone();
    let body = store.read(move |tx| admin::flow_body(tx, tenant, &asked)).await?;
    let body = body.ok_or_else(|| SoundError::Missing(format!("there is no call flow {id}")))?;
    Flow::read(&body).map_err(|error| SoundError::Missing(format!("call flow {id}: {error}")))
}
