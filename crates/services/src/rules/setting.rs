//! Names of settings and preferences, and what a service without its own has.

/// Longest name, characters.
pub const KEY_CHARS_MAX: usize = 100;

/// Values of the known settings where a service has none of its own.
pub const DEFAULTS: &[(&str, &str)] = &[
    ("GCKeyLogoutUrl", ""),
    ("IsEmailNotificationTestModeEnabled", "false"),
    ("PermissionsUsedInAdminConsole", "24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40"),
];

/// The settings whose value must be `true` or `false`.
const FLAGS: &[&str] = &["IsEmailNotificationTestModeEnabled"];

/// Whether a text can be a name: letters, digits, dots, hyphens and underscores.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    !text.is_empty() && text.len() <= KEY_CHARS_MAX && text.chars().all(fits)
}

/// Whether a known setting may have this value; an unknown one may have any.
#[must_use]
pub fn fits(key: &str, value: &str) -> bool {
    let flag = FLAGS.iter().any(|own| own.eq_ignore_ascii_case(key));
    !flag || value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_not_too_long() {
        assert!(is_key("EnableServiceFeatureXYZ") && is_key("a.b-c_1") && is_key(&"x".repeat(100)));
        for odd in ["", "a b", "a/b", "é", &"x".repeat(101)] {
            assert!(!is_key(odd), "{odd}");
        }
    }

    #[test]
    fn a_default_is_a_value_the_setting_may_have() {
        assert!(DEFAULTS.iter().all(|(key, value)| is_key(key) && fits(key, value)));
        assert!(!fits("isemailnotificationtestmodeenabled", "maybe") && fits("Other", "maybe"));
    }
}
