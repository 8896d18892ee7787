//! App profiles: one device of one user, or one account of a social channel.

use waypost_core::key::{KeyKind, key};
use waypost_core::time::Micros;
use waypost_store::profiles::{AppProfileKeys, add_keys, change_keys, remove_keys};
use waypost_store::{Ctx, Engine, Row, Sql, StoreError, query_one};

/// App profiles one look-up returns at most.
pub const PROFILES_MAX: u32 = 100;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What is stored of an app profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppProfileRecord {
    /// The app asset's row.
    pub app: i64,
    /// What is unique in the app: `rtmId`, page-scoped id, Twitter or WeChat id.
    pub ident: String,
    /// The customer it belongs to; `None` for a guest.
    pub customer_id: Option<String>,
    /// Its user: user id, page-scoped id, Twitter or WeChat id.
    pub user_id: Option<String>,
    /// Its device.
    pub device_id: Option<String>,
    /// Its push token.
    pub token: Option<String>,
    /// The platform of its token.
    pub os: Option<String>,
    /// `status` is 1.
    pub active: bool,
    /// `verified` is 1.
    pub verified: bool,
    /// A JSON object of texts.
    pub attributes: String,
    /// A sealed JSON object of texts.
    pub secrets: Option<Vec<u8>>,
    /// The last sign of life; `None` for accounts, which give none.
    pub seen_at: Option<Micros>,
}

/// A stored app profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppProfileRow {
    /// Its row.
    pub id: i64,
    /// What is stored.
    pub record: AppProfileRecord,
    /// When it was created.
    pub created_at: Micros,
    /// When it last changed.
    pub updated_at: Micros,
}

impl AppProfileRecord {
    fn hashes(&self) -> Vec<i64> {
        let keys = AppProfileKeys {
            app: self.app,
            customer_id: self.customer_id.as_deref(),
            user_id: self.user_id.as_deref(),
            device_id: self.device_id.as_deref(),
            token: self.token.as_deref(),
        };
        keys.hashes()
    }
}

/// The day of a sign of life: an index over days is written once a day and device.
#[must_use]
pub const fn day_of(at: Micros) -> Micros {
    Micros(at.0 - at.0.rem_euclid(DAY_MS * 1_000))
}

/// Stores an app profile of `ctx`'s tenant; false when its ident is taken.
///
/// # Errors
/// See [`Sql::query`].
pub fn insert(tx: &mut dyn Sql, ctx: &Ctx, new: &AppProfileRecord, now: Micros) -> Result<bool, StoreError> {
    let row = query_one(
        tx,
        "INSERT INTO app_profile (tenant, app, ident, customer_id, user_id, device_id, token, os, active, verified, \
         attributes, secrets, seen_at, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14) \
         ON CONFLICT (app, ident) DO NOTHING RETURNING id",
        &[
            ctx.tenant.0.into(),
            new.app.into(),
            (&new.ident).into(),
            new.customer_id.as_deref().into(),
            new.user_id.as_deref().into(),
            new.device_id.as_deref().into(),
            new.token.as_deref().into(),
            new.os.as_deref().into(),
            new.active.into(),
            new.verified.into(),
            (&new.attributes).into(),
            new.secrets.as_ref().into(),
            new.seen_at.map(day_of).into(),
            now.into(),
        ],
    )?;
    let Some(row) = row else { return Ok(false) };
    add_keys(tx, &new.hashes(), row.int(0)?)?;
    Ok(true)
}

macro_rules! columns {
    () => {
        "p.id, p.app, p.ident, p.customer_id, p.user_id, p.device_id, p.token, p.os, p.active, p.verified, \
         p.attributes, p.secrets, p.seen_at, p.created_at, p.updated_at"
    };
}

fn read(row: &Row) -> Result<AppProfileRow, StoreError> {
    let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(AppProfileRow {
        id: row.int(0)?,
        record: AppProfileRecord {
            app: row.int(1)?,
            ident: row.text(2)?.to_owned(),
            customer_id: text(3)?,
            user_id: text(4)?,
            device_id: text(5)?,
            token: text(6)?,
            os: text(7)?,
            active: row.flag(8)?,
            verified: row.flag(9)?,
            attributes: row.text(10)?.to_owned(),
            secrets: row.opt_blob(11)?.map(<[u8]>::to_vec),
            seen_at: row.opt_time(12)?,
        },
        created_at: row.time(13)?,
        updated_at: row.time(14)?,
    })
}

/// An app profile of `ctx`'s tenant by its ident, to be changed in this transaction: another node waits for it.
///
/// # Errors
/// See [`Sql::query`].
pub fn load_to_change(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    ident: &str,
) -> Result<Option<AppProfileRow>, StoreError> {
    macro_rules! by_ident {
        ($lock:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM app_profile p WHERE p.tenant = ?1 AND p.app = ?2 AND p.ident = ?3",
                $lock
            )
        };
    }
    let sql = match tx.engine() {
        Engine::Sqlite => by_ident!(""),
        Engine::Postgres => by_ident!(" FOR UPDATE"),
    };
    query_one(tx, sql, &[ctx.tenant.0.into(), app.into(), ident.into()])?.as_ref().map(read).transpose()
}

/// By what app profiles are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By<'a> {
    /// All profiles of a customer.
    Customer(&'a str),
    /// All profiles of a user.
    User(&'a str),
    /// All profiles on a device.
    Device(&'a str),
    /// The profile with a push token.
    Token(&'a str),
}

impl By<'_> {
    const fn text(&self) -> &str {
        match self {
            Self::Customer(text) | Self::User(text) | Self::Device(text) | Self::Token(text) => text,
        }
    }

    const fn kind(&self) -> KeyKind {
        match self {
            Self::Customer(_) => KeyKind::AppCustomer,
            Self::User(_) => KeyKind::AppUser,
            Self::Device(_) => KeyKind::AppDevice,
            Self::Token(_) => KeyKind::AppToken,
        }
    }

    fn matches(&self, record: &AppProfileRecord) -> bool {
        let of = match self {
            Self::Customer(_) => &record.customer_id,
            Self::User(_) => &record.user_id,
            Self::Device(_) => &record.device_id,
            Self::Token(_) => &record.token,
        };
        of.as_deref() == Some(self.text())
    }
}

/// The app profiles of `ctx`'s tenant in an app, oldest first, at most [`PROFILES_MAX`].
///
/// # Errors
/// See [`Sql::query`].
pub fn find(tx: &mut dyn Sql, ctx: &Ctx, app: i64, by: By<'_>) -> Result<Vec<AppProfileRow>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM profile_key k CROSS JOIN app_profile p WHERE k.hash = ?3 AND p.id = k.profile AND p.tenant = ?1 ",
        "AND p.app = ?2 ORDER BY p.id LIMIT ?4"
    );
    let hash = key(by.kind(), app, by.text());
    let rows = tx.query(SQL, &[ctx.tenant.0.into(), app.into(), hash.into(), PROFILES_MAX.into()])?;
    let found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().filter(|row| by.matches(&row.record)).collect())
}

/// Changes an app profile; app and ident stay.
///
/// # Errors
/// See [`Sql::put`].
pub fn update(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    before: &AppProfileRow,
    after: &AppProfileRecord,
    now: Micros,
) -> Result<(), StoreError> {
    tx.put(
        "UPDATE app_profile SET customer_id = ?3, user_id = ?4, device_id = ?5, token = ?6, os = ?7, active = ?8, \
         verified = ?9, attributes = ?10, secrets = ?11, seen_at = ?12, updated_at = ?13 WHERE tenant = ?1 AND id = ?2",
        &[
            ctx.tenant.0.into(),
            before.id.into(),
            after.customer_id.as_deref().into(),
            after.user_id.as_deref().into(),
            after.device_id.as_deref().into(),
            after.token.as_deref().into(),
            after.os.as_deref().into(),
            after.active.into(),
            after.verified.into(),
            (&after.attributes).into(),
            after.secrets.as_ref().into(),
            after.seen_at.map(day_of).into(),
            now.into(),
        ],
    )?;
    change_keys(tx, (&before.record.hashes(), &after.hashes()), before.id)
}

/// Removes an app profile for good.
///
/// # Errors
/// See [`Sql::put`].
pub fn delete(tx: &mut dyn Sql, ctx: &Ctx, row: &AppProfileRow) -> Result<(), StoreError> {
    tx.put("DELETE FROM app_profile WHERE tenant = ?1 AND id = ?2", &[ctx.tenant.0.into(), row.id.into()])?;
    // What the broker knew of the device goes with it.
    tx.put("DELETE FROM rt_session WHERE profile = ?1", &[row.id.into()])?;
    tx.put("DELETE FROM rt_parcel WHERE profile = ?1", &[row.id.into()])?;
    remove_keys(tx, &row.record.hashes(), row.id)
}

/// Notes a sign of life of the devices of a user; writes nothing when this day is noted already.
///
/// # Errors
/// See [`Sql::query`].
pub fn seen(tx: &mut dyn Sql, ctx: &Ctx, app: i64, by: By<'_>, now: Micros) -> Result<(), StoreError> {
    let today = day_of(now);
    for row in find(tx, ctx, app, by)? {
        if row.record.seen_at.is_some_and(|seen| seen < today) {
            tx.put(
                "UPDATE app_profile SET seen_at = ?3 WHERE tenant = ?1 AND id = ?2",
                &[ctx.tenant.0.into(), row.id.into(), today.into()],
            )?;
        }
    }
    Ok(())
}

/// Takes a push token away that its provider calls dead; the profile stays and gets a new one from its device. Returns
/// how many profiles had it.
///
/// # Errors
/// See [`Sql::query`].
pub fn forget_token(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    app: i64,
    token: &str,
    now: Micros,
) -> Result<usize, StoreError> {
    let rows = find(tx, ctx, app, By::Token(token))?;
    for row in &rows {
        let after = AppProfileRecord { token: None, ..row.record.clone() };
        update(tx, ctx, row, &after, now)?;
    }
    Ok(rows.len())
}
