//! Destination objects: counted together, judged one by one (spec 2.3, 2.4, 3.2).

use super::missing::Missing;
use super::param::Param;
use super::plan::{CORRELATION_BYTES_MAX, Unit, UnitPlan};
use super::refusal::Refusal;
use crate::wire::{Destination, Destinations, Text, VALUES_MAX, Values};

/// Checks all destination objects; those that fail are refused by themselves.
pub(super) fn units(given: Destinations<'_>, of_request: Option<&str>) -> Result<Vec<UnitPlan>, Refusal> {
    let list = match given {
        Destinations::Absent => return Err(Missing::Destination.into()),
        Destinations::Wrong => return Err(Param::Destination.into()),
        Destinations::List(list) if list.is_empty() => return Err(Missing::Destination.into()),
        Destinations::List(list) => list,
    };
    if list.len() > VALUES_MAX || list.iter().flatten().map(value_count).sum::<usize>() > VALUES_MAX {
        return Err(Refusal::TooManyDestinations);
    }
    Ok(list.into_iter().enumerate().map(|(place, item)| unit(item, place, of_request)).collect())
}

fn value_count(item: &Destination<'_>) -> usize {
    match &item.ids {
        Some((_, Values::Given(values))) => values.len(),
        _ => 0,
    }
}

fn unit(item: Option<Destination<'_>>, place: usize, of_request: Option<&str>) -> UnitPlan {
    let Some(item) = item else {
        let correlation = of_request.map(str::to_owned);
        return UnitPlan::Refused { refusal: Param::DestinationObject(place).into(), correlation };
    };
    let own = correlation(item.correlation(), Param::DestinationCorrelation(place));
    let echo = || match &own {
        Ok(Some(text)) => Some(text.clone()),
        Ok(None) => of_request.map(str::to_owned),
        // A reference that was refused for its length is not repeated.
        Err(_) => None,
    };
    let (id_type, values) = match item.ids {
        None => {
            return UnitPlan::Refused { refusal: Missing::DestinationId(place).into(), correlation: echo() };
        }
        Some((id_type, Values::Wrong)) => {
            let refusal = Param::DestinationValue(id_type.as_str(), place).into();
            return UnitPlan::Refused { refusal, correlation: echo() };
        }
        Some((id_type, Values::Given(values))) => (id_type, values),
    };
    let correlation = echo();
    match own {
        Err(refusal) => UnitPlan::Refused { refusal, correlation: None },
        Ok(_) => {
            let values = values.into_iter().map(std::borrow::Cow::into_owned).collect();
            UnitPlan::Accepted(Unit { id_type, values, correlation })
        }
    }
}

/// A correlation id; an empty one counts as absent.
pub(super) fn correlation(given: &Text<'_>, param: Param) -> Result<Option<String>, Refusal> {
    match given {
        Text::Absent => Ok(None),
        Text::Value(text) if text.is_empty() => Ok(None),
        Text::Value(text) if text.len() <= CORRELATION_BYTES_MAX => Ok(Some(text.clone().into_owned())),
        Text::Value(_) | Text::Wrong => Err(param.into()),
    }
}
