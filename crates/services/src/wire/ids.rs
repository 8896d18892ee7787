//! Comma lists of ids, as parameters and members carry them.

use std::borrow::Cow;

use crate::rules::Refusal;

/// Ids of one list at most.
pub const IDS_MAX: usize = 1_000;

/// The ids between the commas; blanks around them are ignored, a repeated one is kept once.
///
/// # Errors
/// 901002 for what is no positive id, for an empty list and for one that is too long.
pub fn parse(field: impl Into<Cow<'static, str>>, text: &str) -> Result<Vec<i64>, Refusal> {
    let mut ids = Vec::new();
    for part in text.split(',') {
        let id = part.trim().parse::<i32>().ok().filter(|id| *id > 0).map(i64::from);
        match id {
            Some(id) if ids.len() < IDS_MAX => {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            _ => {
                let rule = format!("1 to {IDS_MAX} positive ids with commas between them");
                return Err(Refusal::argument(field, rule));
            }
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_positive_ids_between_commas() {
        assert_eq!(parse("x", "230, 231 ,230"), Ok(vec![230, 231]));
        for odd in ["", "1,,2", "1;2", "0", "-1", "x", "3000000000"] {
            assert!(parse("x", odd).is_err(), "{odd}");
        }
    }
}
