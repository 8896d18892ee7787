//! Vectors about what is kept.

use super::session::{Session, Verdict, accepted, refused};
use crate::kind::{Kind, Op};
use crate::sample;
use crate::wire::json::Json;

pub async fn disabled_tax(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    accepted(&session.change(Kind::Tax, Op::Disable, sample::tax("CITY")).await?)?;
    let reply = session.change(Kind::Tax, Op::Update, sample::tax("CITY")).await?;
    refused(&reply, 200, &[(7063, Some("CITY"))])
}

pub async fn disabled_hotel(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    let hotel = sample::hotel(&session.property());
    accepted(&session.change(Kind::Hotel, Op::Disable, hotel).await?)?;
    refused(&session.new_objects(Kind::Room, vec![sample::room("C")]).await?, 200, &[(7059, None)])
}

pub async fn products_replace(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    accepted(&session.products("RP1", &["A", "B"]).await?)?;
    accepted(&session.products("RP1", &["A"]).await?)?;
    let left = session.audit(Kind::Product, Json::List(vec![Json::from("RP1")])).await?;
    same(&rooms(&left), &["A"])
}

pub async fn products_apart(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    accepted(&session.products("RP2", &["B"]).await?)?;
    accepted(&session.products("RP1", &["A"]).await?)?;
    accepted(&session.products("RP1", &[]).await?)?;
    let left = session.audit(Kind::Product, Json::Null).await?;
    same(&rooms(&left), &["B"])
}

pub async fn shorter_list(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    let mut room = sample::room("A");
    if let Some(Json::List(beds)) = room.get_mut("bedtypes") {
        beds.pop();
    }
    accepted(&session.change(Kind::Room, Op::Update, room).await?)?;
    let stored = session.audit(Kind::Room, Json::List(vec![Json::from("A")])).await?;
    let beds =
        stored.first().and_then(|room| room.get("bedtypes")).and_then(Json::list).map_or(0, <[_]>::len);
    if beds == 1 { Ok(()) } else { Err(format!("{beds} bed types are stored, not 1")) }
}

pub async fn filters(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    let one = Json::List(vec![Json::from("B")]);
    for (filter, expected) in
        [(Json::Null, &["A", "B"][..]), (one, &["B"][..]), (Json::List(Vec::new()), &["A", "B"][..])]
    {
        let told = filter.to_string();
        let found = session.audit(Kind::Room, filter).await?;
        let codes: Vec<_> = found.iter().filter_map(|room| room.given("code")?.text()).collect();
        same(&codes, expected).map_err(|fault| format!("roomCodes {told}: {fault}"))?;
    }
    Ok(())
}

pub async fn read_your_writes(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    for name in ["One", "Two", "Three"] {
        let mut room = sample::room("A");
        room.set("name", Json::from(name));
        accepted(&session.change(Kind::Room, Op::Update, room).await?)?;
        let stored = session.audit(Kind::Room, Json::List(vec![Json::from("A")])).await?;
        let own = stored.first().and_then(|room| room.given("name")).and_then(Json::text);
        if own != Some(name) {
            return Err(format!("after the acknowledgement of {name:?} the audit says {own:?}"));
        }
    }
    Ok(())
}

fn rooms(products: &[Json]) -> Vec<&str> {
    products.iter().filter_map(|product| product.given("roomtypeCode")?.text()).collect()
}

fn same(found: &[&str], expected: &[&str]) -> Verdict {
    let mut found = found.to_vec();
    found.sort_unstable();
    if found == expected { Ok(()) } else { Err(format!("found {found:?}, expected {expected:?}")) }
}
