//! The letters' rows.

use waypost_channels::email::{Broken, Letter};
use waypost_core::id::MessageId;
use waypost_core::time::Micros;
use waypost_store::directory::admin;
use waypost_store::seal::MasterKey;
use waypost_store::work::{self, NewWork, QueueKey};
use waypost_store::{Ctx, Row, Sql, StoreError, TenantId, query_one};

/// The kind of work of letters.
pub const MAIL: i64 = 80;

/// What became of a letter; the numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum State {
    /// It is on its way, or waits for its next attempt.
    Waiting = 0,
    /// The relay took it.
    Sent = 1,
    /// The relay will not take it.
    Refused = 2,
    /// The attempts are used up.
    GivenUp = 3,
    /// The safeguard keeps it.
    Withheld = 4,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Sent, Self::Refused, Self::GivenUp, Self::Withheld];

    /// Its word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::GivenUp => "given up",
            Self::Withheld => "withheld",
        }
    }

    fn of(number: i64) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|own| *own as i64 == number);
        found.ok_or_else(|| StoreError::Corrupt("mail.state".to_owned()))
    }
}

/// A letter's row without the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// Time-ordered: when it was written.
    pub id: i64,
    /// Whose.
    pub tenant: i64,
    /// Why it was written: a word.
    pub reason: String,
    /// What it tells of; 0: nothing.
    pub about: i64,
    /// What became of it.
    pub state: State,
    /// How often it was handed to the relay.
    pub attempts: i64,
    /// Whether the safeguard diverted it.
    pub is_diverted: bool,
    /// The relay's last reply code that was no success.
    pub reply_code: Option<i64>,
    /// What the relay said last, or what broke.
    pub words: String,
    /// When it changed last.
    pub changed_at: Micros,
}

impl MailRow {
    /// When it was written.
    #[must_use]
    pub const fn written_at(&self) -> Micros {
        MessageId(self.id).time()
    }
}

/// The queue of a tenant's letters. All go to one relay: destination 0.
#[must_use]
pub const fn queue(tenant: i64) -> QueueKey {
    QueueKey { kind: MAIL, dest: 0, tenant, sender: 0, priority: 2 }
}

/// A letter is bound to its row: sealed for another it does not open.
fn purpose(id: i64) -> String {
    format!("mail/letter/{id}")
}

/// A letter to be stored.
#[derive(Debug)]
pub struct NewMail<'a> {
    /// A fresh id.
    pub id: i64,
    /// Whose.
    pub tenant: i64,
    /// Why.
    pub reason: &'a str,
    /// What it tells of.
    pub about: i64,
    /// Waiting, or withheld.
    pub state: State,
    /// The letter.
    pub letter: &'a Letter,
}

/// Stores a letter, sealed.
///
/// # Errors
/// See [`Sql::put`]; when it cannot be sealed.
pub fn insert(tx: &mut dyn Sql, key: &MasterKey, new: &NewMail<'_>) -> Result<(), StoreError> {
    let text = serde_json::to_vec(new.letter).map_err(|error| StoreError::Refused(error.to_string()))?;
    let sealed = key.seal(&purpose(new.id), &text)?;
    tx.put(
        "INSERT INTO mail (id, tenant, reason, about, letter, state, attempts, diverted, reply_code, words, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, NULL, '', ?8)",
        &[
            new.id.into(),
            new.tenant.into(),
            new.reason.into(),
            new.about.into(),
            (&sealed).into(),
            (new.state as i64).into(),
            new.letter.meant_for.is_some().into(),
            MessageId(new.id).time().into(),
        ],
    )
}

/// Plans the next attempt of a letter: due now, leased to nobody.
///
/// # Errors
/// See [`Sql::put`].
pub fn plan(
    tx: &mut dyn Sql,
    tenant: i64,
    (work, letter): (i64, i64),
    now: Micros,
) -> Result<(), StoreError> {
    let queue = queue(tenant);
    work::ensure_queue(tx, &queue)?;
    let (expires_at, payload) = (None, "");
    work::insert(
        tx,
        &NewWork {
            id: work,
            queue: &queue,
            lane: 0,
            ready_at: now,
            leased: false,
            subject: letter,
            expires_at,
            payload,
        },
    )
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, reason, about, state, attempts, diverted, reply_code, words, changed_at FROM mail ",
            $rest
        )
    };
}

fn of(row: &Row) -> Result<MailRow, StoreError> {
    Ok(MailRow {
        id: row.int(0)?,
        tenant: row.int(1)?,
        reason: row.text(2)?.to_owned(),
        about: row.int(3)?,
        state: State::of(row.int(4)?)?,
        attempts: row.int(5)?,
        is_diverted: row.flag(6)?,
        reply_code: row.opt_int(7)?,
        words: row.text(8)?.to_owned(),
        changed_at: row.time(9)?,
    })
}

/// A letter's row.
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, ctx: &Ctx, id: i64) -> Result<Option<MailRow>, StoreError> {
    let sql = select!("WHERE id = ?1 AND (tenant = ?2 OR ?2 = 0)");
    query_one(tx, sql, &[id.into(), ctx.tenant.0.into()])?.as_ref().map(of).transpose()
}

/// The newest letters; with `unsent` only those the relay has not taken.
///
/// # Errors
/// See [`Sql::query`].
pub fn list(tx: &mut dyn Sql, ctx: &Ctx, unsent: bool, limit: i64) -> Result<Vec<MailRow>, StoreError> {
    let sql = if unsent {
        select!("WHERE state <> 1 AND (tenant = ?1 OR ?1 = 0) ORDER BY id DESC LIMIT ?2")
    } else {
        select!("WHERE (tenant = ?1 OR ?1 = 0) ORDER BY id DESC LIMIT ?2")
    };
    tx.query(sql, &[ctx.tenant.0.into(), limit.into()])?.iter().map(of).collect()
}

/// The letter as it is kept.
///
/// # Errors
/// See [`Sql::query`].
pub fn sealed(tx: &mut dyn Sql, ctx: &Ctx, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT letter FROM mail WHERE id = ?1 AND (tenant = ?2 OR ?2 = 0)";
    let row = query_one(tx, sql, &[id.into(), ctx.tenant.0.into()])?;
    row.map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()
}

/// Opens a letter.
///
/// # Errors
/// When it was sealed with another key or for another row, or is no letter.
pub fn open(key: &MasterKey, id: i64, sealed: &[u8]) -> Result<Letter, StoreError> {
    let text = key.open(&purpose(id), sealed)?;
    serde_json::from_slice(&text).map_err(|_| StoreError::Corrupt("mail.letter".to_owned()))
}

/// Notes an attempt and what it led to.
///
/// # Errors
/// See [`Sql::put`].
pub fn note(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    id: i64,
    (state, why): (State, Option<&Broken>),
    now: Micros,
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE mail SET state = ?3, attempts = attempts + 1, reply_code = ?4, words = ?5, changed_at = ?6 \
         WHERE id = ?1 AND tenant = ?2",
        &[
            id.into(),
            ctx.tenant.0.into(),
            (state as i64).into(),
            why.and_then(|why| why.code).map(i64::from).into(),
            why.map_or("", |why| why.words.as_str()).into(),
            now.into(),
        ],
    )
}

/// Puts a letter that was refused, given up or withheld back on its way; `None` when there is none such.
///
/// # Errors
/// See [`Sql::exec`].
pub fn again(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    (id, work): (i64, i64),
    now: Micros,
) -> Result<Option<MailRow>, StoreError> {
    let sql =
        "UPDATE mail SET state = 0, changed_at = ?3 WHERE id = ?1 AND (tenant = ?2 OR ?2 = 0) AND state >= 2";
    if tx.exec(sql, &[id.into(), ctx.tenant.0.into(), now.into()])? == 0 {
        return Ok(None);
    }
    let found = find(tx, ctx, id)?;
    if let Some(row) = &found {
        plan(tx, row.tenant, (work, id), now)?;
        let ctx = Ctx { tenant: TenantId(row.tenant), ..*ctx };
        admin::audit(tx, &ctx, now, "mail retry", &id.to_string())?;
    }
    Ok(found)
}
