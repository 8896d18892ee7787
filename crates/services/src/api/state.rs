//! What every request of the family shares.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use waypost_core::time::Clock;
use waypost_mail::Outbox;
use waypost_status::MtapiCode;
use waypost_store::Store;
use waypost_store::seal::MasterKey;

use super::settings_cache::SettingsCache;
use crate::files::{Blobs, Clamd, FileSettings, ScanError};
use crate::records::status_watch::StatusWatch;
use crate::rules::Refusal;
use crate::rules::srql::Mode;
use crate::rules::time::Local;

/// Settings of the endpoints.
#[derive(Clone, Debug)]
pub struct ServicesSettings {
    /// Longest JSON body or artifact that is read; above it 413.
    pub body_bytes_max: usize,
    /// Longest time a body may take to arrive; above it 408.
    pub body_ms_max: u64,
    /// Sends 620004 and 623008 in place of the misprinted 62000 and 620338 (spec 3.21).
    pub strict_codes: bool,
    /// Whether the quirks of the query language are kept (spec 6.3).
    pub query_mode: Mode,
    /// The zone of dates whose name does not end in `Utc`.
    pub zone: Local,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens.
    pub audience: String,
    /// Whether codes of invites and recoveries are in the answers for everybody, besides the letters. Never in production.
    pub shows_codes: bool,
    /// Files and their scanner.
    pub files: FileSettings,
    /// The number of this server among those on one store.
    pub node: i64,
}

/// `iss` and `aud` of the published tokens.
pub const PUBLISHED_ISSUER: &str = "Transport Canada";

impl Default for ServicesSettings {
    fn default() -> Self {
        Self {
            body_bytes_max: 1 << 20,
            body_ms_max: 30_000,
            strict_codes: false,
            query_mode: Mode::Compatible,
            zone: Local::utc(),
            issuer: PUBLISHED_ISSUER.to_owned(),
            audience: PUBLISHED_ISSUER.to_owned(),
            shows_codes: false,
            files: FileSettings::default(),
            node: 0,
        }
    }
}

/// Randomness for guids and codes.
pub trait Random: Send + Sync {
    /// Fills `bytes`; false when the source fails.
    fn fill(&self, bytes: &mut [u8]) -> bool;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        aws_lc_rs::rand::fill(bytes).is_ok()
    }
}

/// The rest of the server, as the endpoints see it.
#[derive(Clone)]
pub struct ServicesSeams {
    /// Where everything is kept.
    pub store: Store,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Opens the secrets of tokens.
    pub master_key: Arc<MasterKey>,
    /// Told of the statuses that requests enter.
    pub statuses: Option<Arc<dyn StatusWatch>>,
}

/// State of the router; cheap to clone.
#[derive(Clone)]
pub struct ServicesState(Arc<Shared>);

/// What [`ServicesState`] shares.
pub(crate) struct Shared {
    pub seams: ServicesSeams,
    pub settings: ServicesSettings,
    pub cache: SettingsCache,
    files: Option<Arc<FileRoom>>,
    outbox: OnceLock<Outbox>,
}

/// Where files are kept and who scans them.
pub(crate) struct FileRoom {
    pub settings: FileSettings,
    pub blobs: Blobs,
    pub clamd: Option<Clamd>,
}

impl Shared {
    /// Where letters are put; `None` where no relay is set up.
    pub fn outbox(&self) -> Option<&Outbox> {
        self.outbox.get()
    }

    /// The room for files.
    ///
    /// # Errors
    /// 621001 where there is none: nothing passes without a scan.
    pub fn files(&self) -> Result<Arc<FileRoom>, Refusal> {
        self.files.clone().ok_or_else(|| {
            Refusal::from(MtapiCode::VirusScanFailed).at("body", "a server with a blob folder").with_http(503)
        })
    }
}

impl ServicesState {
    /// State over the given seams.
    ///
    /// # Errors
    /// When there is a blob folder and it cannot be written to.
    pub fn new(seams: ServicesSeams, settings: ServicesSettings) -> io::Result<Self> {
        let files = settings.files.clone();
        let files = match files.folder.as_os_str().is_empty() {
            true => None,
            false => {
                let blobs = Blobs::of(&files, Arc::clone(&seams.clock))?;
                let patience = Duration::from_millis(files.scan_ms_max);
                let clamd = files.scanner.clone().map(|address| Clamd::new(address, patience));
                Some(Arc::new(FileRoom { settings: files, blobs, clamd }))
            }
        };
        Ok(Self(Arc::new(Shared {
            seams,
            settings,
            cache: SettingsCache::default(),
            files,
            outbox: OnceLock::new(),
        })))
    }

    /// The same with an outbox; without, codes stand in the answers and notifications are refused.
    #[must_use]
    pub fn mailing(self, outbox: Outbox) -> Self {
        // A second one changes nothing: there is one relay.
        let _ = self.0.outbox.set(outbox);
        self
    }

    /// Whether the scanner is there and takes the largest file.
    ///
    /// # Errors
    /// Why it does not; none without a scanner.
    pub async fn check_scanner(&self) -> Result<(), ScanError> {
        match self.0.files.as_deref() {
            Some(FileRoom { clamd: Some(clamd), settings, .. }) => {
                clamd.check_length(settings.bytes_max).await
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }
}
