//! Vectors about single messages.

use super::session::{Session, Verdict, accepted, echoes, refused};
use crate::kind::{Kind, Op};
use crate::sample;
use crate::wire::json::{self, Json};

pub async fn without_credentials(session: &mut Session<'_>) -> Verdict {
    let hotel = sample::hotel(&session.property());
    let message = sample::message(&session.id(), Kind::Hotel, Op::New, "", vec![hotel]);
    refused(&session.raw("/hotel", &message.to_string(), false).await?, 401, &[(4001, None)])
}

pub async fn new_hotel(session: &mut Session<'_>) -> Verdict {
    let (id, hotel) = (session.id(), sample::hotel(&session.property()));
    let message = sample::message(&id, Kind::Hotel, Op::New, "", vec![hotel]);
    let reply = session.send(Kind::Hotel, None, &message).await?;
    accepted(&reply)?;
    echoes(&reply, &id)
}

pub async fn same_again(session: &mut Session<'_>) -> Verdict {
    let hotel = sample::hotel(&session.property());
    let message = sample::message(&session.id(), Kind::Hotel, Op::New, "", vec![hotel]);
    let first = session.send(Kind::Hotel, None, &message).await?;
    accepted(&first)?;
    let second = session.send(Kind::Hotel, None, &message).await?;
    if first == second {
        Ok(())
    } else {
        Err(format!("the second answer differs: HTTP {}: {}", second.http, second.body))
    }
}

pub async fn other_body(session: &mut Session<'_>) -> Verdict {
    let (id, mut hotel) = (session.id(), sample::hotel(&session.property()));
    let message = sample::message(&id, Kind::Hotel, Op::New, "", vec![hotel.clone()]);
    accepted(&session.send(Kind::Hotel, None, &message).await?)?;
    hotel.set("name", Json::from("Another House"));
    let other = sample::message(&id, Kind::Hotel, Op::New, "", vec![hotel]);
    refused(&session.send(Kind::Hotel, None, &other).await?, 400, &[(4006, None)])
}

pub async fn missing_fields(session: &mut Session<'_>) -> Verdict {
    let code = session.property();
    let mut hotel = sample::hotel(&code);
    hotel.take("name");
    hotel.take("starRating");
    let reply = session.new_objects(Kind::Hotel, vec![hotel]).await?;
    refused(&reply, 400, &[(4005, Some(&code)), (4005, Some(&code))])
}

pub async fn star_rating(session: &mut Session<'_>) -> Verdict {
    let mut hotel = sample::hotel(&session.property());
    hotel.set("starRating", Json::from("four"));
    refused(&session.new_objects(Kind::Hotel, vec![hotel]).await?, 400, &[(4006, None)])
}

pub async fn unknown_property(session: &mut Session<'_>) -> Verdict {
    refused(&session.new_objects(Kind::Room, vec![sample::room("A")]).await?, 200, &[(7054, None)])
}

pub async fn batch(session: &mut Session<'_>) -> Verdict {
    let property = session.property();
    accepted(&session.new_objects(Kind::Hotel, vec![sample::hotel(&property)]).await?)?;
    let mut bad = sample::room("B");
    bad.set("maxAdultOccupancy", Json::from("two"));
    let reply = session.new_objects(Kind::Room, vec![sample::room("A"), bad]).await?;
    refused(&reply, 400, &[(4006, Some("B"))])?;
    let stored = session.audit(Kind::Room, Json::Null).await?;
    if stored.is_empty() { Ok(()) } else { Err(format!("{} rooms were stored all the same", stored.len())) }
}

pub async fn unknown_room(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    let reply = session.change(Kind::Room, Op::Update, sample::room("CDK1")).await?;
    refused(&reply, 200, &[(7055, Some("CDK1"))])
}

pub async fn unknown_policy(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    let plan = sample::rateplan("RP9", "NONE");
    refused(&session.new_objects(Kind::RatePlan, vec![plan]).await?, 200, &[(7057, None)])
}

pub async fn reversed_season(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    let mut plan = sample::rateplan("RP9", "C24H");
    let season = json::object([
        ("name", Json::from("Winter")),
        ("code", Json::from("C24H")),
        ("startDate", Json::from("2026-12-29")),
        ("endDate", Json::from("2026-12-01")),
    ]);
    plan.set("seasonalPolicies", Json::List(vec![season]));
    refused(&session.new_objects(Kind::RatePlan, vec![plan]).await?, 400, &[(4007, None)])
}

pub async fn disabled_rateplan(session: &mut Session<'_>) -> Verdict {
    session.furnish().await?;
    let plan = sample::rateplan("RP1", "C24H");
    refused(&session.change(Kind::RatePlan, Op::Disable, plan).await?, 400, &[(4006, None)])
}

pub async fn malformed(session: &mut Session<'_>) -> Verdict {
    let reply = session.raw("/hotel", "{\"messageId\":\"x\",", true).await?;
    refused(&reply, 400, &[(4006, None)])?;
    echoes(&reply, "")
}
