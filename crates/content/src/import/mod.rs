//! Content from files: JSON, JSON Lines and CSV become the messages the receiver takes, so that they are checked and
//! applied by the same rules.

mod csv;

use std::io::BufRead;

use thiserror::Error;

use crate::kind::{Kind, Op};
use crate::wire::json::{self, Json};
use crate::wire::push::{self, Push, Refused};

pub use csv::{CsvFault, Records};

/// Bytes of a line at most.
const LINE_BYTES_MAX: usize = 16 << 20;

/// A message of a file, or what is wrong with it.
pub type Read = Result<Push, Refused>;

/// Why a file cannot be read on.
#[derive(Debug, Error)]
pub enum ImportFault {
    /// The file.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Not JSON.
    #[error("line {line}: {fault}")]
    Json {
        /// Which line.
        line: usize,
        /// What is wrong.
        fault: json::JsonFault,
    },
    /// Nothing in it names a kind of object.
    #[error("line {0}: none of hotel, taxes, cancellationPolicies, rooms, rateplans and products")]
    Kind(usize),
    /// CSV that is none.
    #[error(transparent)]
    Csv(#[from] CsvFault),
}

/// A message as the receiver would get it: the kind is told by the member that holds the objects, `updateType` is `NEW`
/// unless it says otherwise, and a `messageId` is made.
///
/// # Errors
/// [`ImportFault::Kind`].
pub fn message(mut message: Json, line: usize) -> Result<Read, ImportFault> {
    let holds =
        |kind: &Kind| message.get(kind.list_key()).is_some() || message.get(kind.single_key()).is_some();
    let kind = Kind::ALL.into_iter().find(holds).ok_or(ImportFault::Kind(line))?;
    message.set("messageId", Json::Text(format!("line {line}")));
    if kind != Kind::Product && message.given("updateType").is_none() {
        message.set("updateType", Json::from(Op::New.word()));
    }
    Ok(push::read(kind, None, message))
}

/// The messages of a JSON text: one, or an array of them, numbered from 1.
///
/// # Errors
/// [`ImportFault`].
pub fn json(text: &[u8]) -> Result<Vec<(usize, Read)>, ImportFault> {
    let whole = json::parse(text).map_err(|fault| ImportFault::Json { line: 1, fault })?;
    let list = match whole {
        Json::List(list) => list,
        one => vec![one],
    };
    list.into_iter().enumerate().map(|(place, one)| Ok((place + 1, message(one, place + 1)?))).collect()
}

/// The messages of JSON Lines, one a line, numbered from 1; empty lines are skipped.
pub fn json_lines(mut file: impl BufRead) -> impl Iterator<Item = Result<(usize, Read), ImportFault>> {
    let mut number = 0;
    std::iter::from_fn(move || {
        loop {
            let mut line = Vec::new();
            number += 1;
            match std::io::Read::take(&mut file, LINE_BYTES_MAX as u64).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let parsed = json::parse(line.trim_ascii());
                    let parsed = parsed.map_err(|fault| ImportFault::Json { line: number, fault });
                    return Some(parsed.and_then(|parsed| Ok((number, message(parsed, number)?))));
                }
                Err(error) => return Some(Err(error.into())),
            }
        }
    })
}

/// The messages of CSV, a row an object of `kind`; of products successive rows of one rate plan are one message. The
/// first row names the fields. A cell that is JSON is that value, an empty one is none, any other is a text.
///
/// # Errors
/// [`ImportFault`].
pub fn csv(kind: Kind, file: impl BufRead) -> Result<Vec<(usize, Read)>, ImportFault> {
    let mut records = Records::new(file);
    let Some((_, header)) = records.next().transpose()? else { return Ok(Vec::new()) };
    let mut messages: Vec<(usize, Json)> = Vec::new();
    for record in records {
        let (line, cells) = record?;
        let mut object = Json::Object(Vec::new());
        for (name, cell) in header.iter().zip(&cells).filter(|(_, cell)| !cell.is_empty()) {
            object.set(name.trim(), value(name.trim(), cell));
        }
        let property = object.take("propertyCode").unwrap_or(Json::Null);
        match kind {
            Kind::Hotel => messages.push((line, json::object([("hotel", object)]))),
            Kind::Product => add_product(&mut messages, line, property, object),
            _ => {
                let list = Json::List(vec![object]);
                messages.push((line, json::object([("propertyCode", property), (kind.list_key(), list)])));
            }
        }
    }
    messages.into_iter().map(|(line, one)| Ok((line, message(one, line)?))).collect()
}

/// Codes and texts stay texts, whatever they look like.
fn value(name: &str, cell: &str) -> Json {
    let is_text = name.to_ascii_lowercase().ends_with("code")
        || matches!(name, "name" | "zip" | "phone1" | "phone2" | "fax1" | "fax2" | "description")
        || name.ends_with("Description");
    if is_text {
        return Json::from(cell);
    }
    json::parse(cell.as_bytes()).unwrap_or_else(|_| Json::from(cell))
}

fn add_product(messages: &mut Vec<(usize, Json)>, line: usize, property: Json, mut product: Json) {
    if product.get("taxes").is_none() {
        product.set("taxes", Json::List(Vec::new()));
    }
    let plan = product.given("rateplanCode").cloned().unwrap_or(Json::Null);
    if let Some((_, last)) = messages.last_mut()
        && last.get("propertyCode") == Some(&property)
        && last.get("rateplanCode") == Some(&plan)
        && let Some(Json::List(products)) = last.get_mut("products")
    {
        products.push(product);
        return;
    }
    let products = Json::List(vec![product]);
    let message = json::object([("propertyCode", property), ("rateplanCode", plan), ("products", products)]);
    messages.push((line, message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn json_and_json_lines_are_the_messages_of_the_contract_without_their_envelope() {
        let hotel = json::object([("hotel", sample::hotel("H"))]).to_string();
        let rooms = format!(r#"{{"propertyCode":"H","rooms":[{}]}}"#, sample::room("A"));
        let whole = json(format!("[{hotel},{rooms}]").as_bytes()).unwrap();
        let lines: Vec<_> =
            json_lines(format!("{hotel}\n\n{rooms}\n").as_bytes()).map(Result::unwrap).collect();
        let kinds = |all: &[(usize, Read)]| {
            all.iter().map(|(line, read)| (*line, read.as_ref().unwrap().kind)).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&whole), [(1, Kind::Hotel), (2, Kind::Room)]);
        assert_eq!(kinds(&lines), [(1, Kind::Hotel), (3, Kind::Room)]);
        assert_eq!(lines[1].1.as_ref().unwrap().objects[0].body, sample::room("A"));
        assert!(matches!(json(b"{}"), Err(ImportFault::Kind(1))));
        let broken: Vec<_> = json_lines(&b"{}\n{"[..]).collect();
        assert!(matches!(
            (&broken[0], &broken[1]),
            (Err(ImportFault::Kind(1)), Err(ImportFault::Json { line: 2, .. }))
        ));
    }

    #[test]
    fn a_row_of_csv_is_an_object_and_rows_of_a_rate_plan_are_its_products() {
        let taxes = "propertyCode,code,name,taxType,chargeFrequency,chargeBasis,percentOrFlat,appliesToChildren,value,payAtProperty\n\
            H,0815,\"City, tax\",TAX,DAY,PERSON,FLAT,false,4.00,true\n";
        let read = csv(Kind::Tax, taxes.as_bytes()).unwrap();
        let (line, push) = (read[0].0, read[0].1.as_ref().unwrap());
        assert_eq!((line, push.property.as_str(), push.objects[0].code.as_str()), (2, "H", "0815"));
        assert!(push.objects[0].body.to_string().contains(r#""name":"City, tax","taxType":"TAX""#));
        assert!(push.objects[0].body.to_string().contains(r#""value":4.00"#));
        let products =
            "propertyCode,rateplanCode,roomtypeCode,taxes\nH,RP1,A,\"[\"\"CITY\"\"]\"\nH,RP1,B,\nH,RP2,A,\n";
        let read = csv(Kind::Product, products.as_bytes()).unwrap();
        let bodies: Vec<String> =
            read.iter().map(|(_, one)| one.as_ref().unwrap().objects[0].body.to_string()).collect();
        assert_eq!(
            bodies[0],
            r#"[{"rateplanCode":"RP1","roomtypeCode":"A","taxes":["CITY"]},{"rateplanCode":"RP1","roomtypeCode":"B","taxes":[]}]"#
        );
        assert_eq!(bodies.len(), 2);
        let bad = csv(Kind::Tax, &b"propertyCode,code\nH,T\n"[..]).unwrap();
        assert_eq!(bad[0].1.as_ref().unwrap_err().refusals.len(), 8);
    }
}
