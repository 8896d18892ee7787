//! What an application may do: areas of the API, to read or to write.

use std::fmt;

/// A part of the API that is granted as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Area {
    /// Enrolment, registration, recovery.
    Accounts,
    /// Countries and provinces.
    Address,
    /// The caller itself, version, state.
    Platform,
    /// Artifacts of requests and services.
    Artifacts,
    /// E-mail notifications and their templates.
    Email,
    /// Feedback.
    Feedback,
    /// File attachments and the virus scan.
    Files,
    /// Invoices.
    Invoices,
    /// Metadata definitions.
    Metadata,
    /// Notices.
    Notices,
    /// Organizations.
    Organizations,
    /// Permissions of people.
    Permissions,
    /// Portal capabilities.
    Portal,
    /// Service preferences and settings.
    Settings,
    /// Service requests.
    Requests,
    /// The catalogue of services.
    Services,
    /// People.
    Users,
    /// User applications and their roles.
    Applications,
}

impl Area {
    /// Every area.
    pub const ALL: &'static [Self] = &[
        Self::Accounts,
        Self::Address,
        Self::Platform,
        Self::Artifacts,
        Self::Email,
        Self::Feedback,
        Self::Files,
        Self::Invoices,
        Self::Metadata,
        Self::Notices,
        Self::Organizations,
        Self::Permissions,
        Self::Portal,
        Self::Settings,
        Self::Requests,
        Self::Services,
        Self::Users,
        Self::Applications,
    ];

    /// Its word in commands and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Address => "address",
            Self::Platform => "platform",
            Self::Artifacts => "artifacts",
            Self::Email => "email",
            Self::Feedback => "feedback",
            Self::Files => "files",
            Self::Invoices => "invoices",
            Self::Metadata => "metadata",
            Self::Notices => "notices",
            Self::Organizations => "organizations",
            Self::Permissions => "permissions",
            Self::Portal => "portal",
            Self::Settings => "settings",
            Self::Requests => "requests",
            Self::Services => "services",
            Self::Users => "users",
            Self::Applications => "applications",
        }
    }
}

/// What one operation asks of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// In which area.
    pub area: Area,
    /// Whether it changes something there.
    pub write: bool,
}

impl Grant {
    /// To read in `area`.
    #[must_use]
    pub const fn read(area: Area) -> Self {
        Self { area, write: false }
    }

    /// To change something in `area`.
    #[must_use]
    pub const fn write(area: Area) -> Self {
        Self { area, write: true }
    }

    const fn bit(self) -> u64 {
        1 << ((self.area as u32) * 2 + self.write as u32)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.area.word(), if self.write { "write" } else { "read" })
    }
}

/// The grants of an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grants(u64);

impl Grants {
    /// None.
    pub const NONE: Self = Self(0);

    /// All.
    #[must_use]
    pub fn all() -> Self {
        Area::ALL.iter().fold(Self::NONE, |all, area| all.with(Grant::read(*area)).with(Grant::write(*area)))
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, grant: Grant) -> Self {
        Self(self.0 | grant.bit())
    }

    /// Whether `grant` is among them.
    #[must_use]
    pub const fn has(self, grant: Grant) -> bool {
        self.0 & grant.bit() != 0
    }

    /// Reads words between blanks or commas: `all`, an area (`users`: to read and to write), or `users:read`, `users:write`.
    ///
    /// # Errors
    /// The first word that is none of these.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = text.split([' ', ',']).filter(|word| !word.is_empty());
        words.map(Self::word).try_fold(Self::NONE, |all, one| Ok(Self(all.0 | one?.0)))
    }

    fn word(word: &str) -> Result<Self, String> {
        if word == "all" {
            return Ok(Self::all());
        }
        let (name, mode) = word.split_once(':').map_or((word, None), |(name, mode)| (name, Some(mode)));
        let area =
            Area::ALL.iter().copied().find(|area| area.word() == name).ok_or_else(|| word.to_owned())?;
        let (read, write) = (Grant::read(area), Grant::write(area));
        match mode {
            None => Ok(Self::NONE.with(read).with(write)),
            Some("read") => Ok(Self::NONE.with(read)),
            Some("write") => Ok(Self::NONE.with(write)),
            Some(_) => Err(word.to_owned()),
        }
    }
}

impl fmt::Display for Grants {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::all() {
            return out.write_str("all");
        }
        let mut words = Vec::new();
        for area in Area::ALL {
            match (self.has(Grant::read(*area)), self.has(Grant::write(*area))) {
                (true, true) => words.push(area.word().to_owned()),
                (true, false) => words.push(Grant::read(*area).to_string()),
                (false, true) => words.push(Grant::write(*area).to_string()),
                (false, false) => {}
            }
        }
        out.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_read_and_written_as_words() {
        let grants = Grants::parse("users:read, requests artifacts:write").unwrap();
        assert!(grants.has(Grant::read(Area::Users)) && !grants.has(Grant::write(Area::Users)));
        assert!(grants.has(Grant::write(Area::Requests)));
        assert_eq!(grants.to_string(), "artifacts:write requests users:read");
        assert_eq!(Grants::parse(&Grants::all().to_string()), Ok(Grants::all()));
        assert_eq!(Grants::parse(""), Ok(Grants::NONE));
        assert_eq!(Grants::parse("users peope:read"), Err("peope:read".to_owned()));
        assert_eq!(Grants::parse("users:all"), Err("users:all".to_owned()));
    }
}
