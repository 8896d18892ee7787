//! The published permissions (spec 5.2). A service may define others.

/// To create and invite users.
pub const INVITE_USERS: i64 = 24;
/// To read users.
pub const READ_USERS: i64 = 25;
/// To update users.
pub const UPDATE_USERS: i64 = 26;
/// To delete users.
pub const DELETE_USERS: i64 = 27;
/// To create notices.
pub const CREATE_NOTICES: i64 = 28;
/// To update notices.
pub const UPDATE_NOTICES: i64 = 30;
/// To delete notices.
pub const DELETE_NOTICES: i64 = 31;
/// To create e-mail notifications.
pub const CREATE_EMAIL: i64 = 32;
/// To delete e-mail notifications.
pub const DELETE_EMAIL: i64 = 35;

/// What a permission is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Service requests.
    Requests,
    /// People.
    Users,
    /// Notices.
    Notices,
    /// E-mail notifications.
    Email,
    /// Service preferences.
    Preferences,
    /// Whatever a service defines.
    Other,
}

impl Group {
    /// Every group, in the order it is shown.
    pub const ALL: &'static [Self] =
        &[Self::Requests, Self::Users, Self::Notices, Self::Email, Self::Preferences, Self::Other];

    /// English and French name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Requests => ("Service requests", "Demandes de service"),
            Self::Users => ("User accounts", "Comptes d'utilisateur"),
            Self::Notices => ("Notices", "Avis"),
            Self::Email => ("Email notifications", "Avis par courriel"),
            Self::Preferences => ("Service preferences", "Préférences du service"),
            Self::Other => ("Other", "Autres"),
        }
    }
}

/// A published permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its code.
    pub code: i64,
    /// What it is about.
    pub group: Group,
    /// English name.
    pub name_en: &'static str,
    /// French name.
    pub name_fr: &'static str,
}

const fn known(code: i64, group: Group, name_en: &'static str, name_fr: &'static str) -> Known {
    Known { code, group, name_en, name_fr }
}

/// The published permissions, by code.
pub const KNOWN: &[Known] = &[
    known(
        13,
        Group::Requests,
        "Sign and submit service requests",
        "Signer et soumettre des demandes de service",
    ),
    known(17, Group::Requests, "Manage service requests", "Gérer les demandes de service"),
    known(24, Group::Users, "Create and Invite user", "Créer et inviter un utilisateur"),
    known(25, Group::Users, "Read user account", "Lire un compte d'utilisateur"),
    known(26, Group::Users, "Update user account", "Mettre à jour un compte d'utilisateur"),
    known(27, Group::Users, "Delete user account", "Supprimer un compte d'utilisateur"),
    known(28, Group::Notices, "Create Notice", "Créer un avis"),
    known(29, Group::Notices, "Read Notice", "Lire un avis"),
    known(30, Group::Notices, "Update Notice", "Mettre à jour un avis"),
    known(31, Group::Notices, "Delete Notice", "Supprimer un avis"),
    known(32, Group::Email, "Create Email Notification", "Créer un avis par courriel"),
    known(33, Group::Email, "Read Email Notification", "Lire un avis par courriel"),
    known(34, Group::Email, "Update Email Notification", "Mettre à jour un avis par courriel"),
    known(35, Group::Email, "Delete Email Notification", "Supprimer un avis par courriel"),
    known(36, Group::Preferences, "Create Service Preference", "Créer une préférence du service"),
    known(37, Group::Preferences, "Read Service Preference", "Lire une préférence du service"),
    known(38, Group::Preferences, "Update Service Preference", "Mettre à jour une préférence du service"),
    known(
        39,
        Group::Users,
        "Create and invite users in any service",
        "Créer et inviter des utilisateurs dans tout service",
    ),
    known(40, Group::Notices, "Duplicate Notices", "Dupliquer des avis"),
];

/// A published permission by its code.
#[must_use]
pub fn find(code: i64) -> Option<&'static Known> {
    KNOWN.iter().find(|own| own.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_in_order_and_have_two_names() {
        assert!(KNOWN.is_sorted_by(|one, next| one.code < next.code));
        assert!(KNOWN.iter().all(|own| !own.name_en.is_empty() && !own.name_fr.is_empty()));
        assert_eq!(find(READ_USERS).map(|own| own.name_en), Some("Read user account"));
        assert_eq!(find(3), None);
    }
}
