use waypost_core::msisdn::PlusRule;
use waypost_core::policy::{Money, Phrase, RatePlan};
use waypost_store::directory::{AppKind, Status};

use super::*;

fn facts() -> Facts<'static> {
    Facts {
        service: 3,
        channel: Channel::Sms,
        app: None,
        text: Some("hello"),
        number: None,
        destination: "447700900123",
        recipient: None,
        now: Micros::from_secs(1_790_000_000),
    }
}

fn tenant(set: impl FnOnce(&mut TenantPolicies)) -> TenantPolicies {
    let mut tenant = TenantPolicies::default();
    set(&mut tenant);
    tenant
}

fn app(push: bool, rt: bool, status: Status) -> App {
    App {
        id: 1,
        tenant: 1,
        app_id: "a_1".into(),
        kind: AppKind::Mobile,
        name: "app".into(),
        status,
        push,
        rt,
        config: "{}".into(),
        secrets: None,
        has_secrets: false,
        created_at: Micros(0),
    }
}

fn code(facts: &Facts<'_>, tenant: Option<&TenantPolicies>) -> Option<u16> {
    refusal(facts, tenant, &WordList::default()).and_then(|note| note.code)
}

#[test]
fn without_policies_a_message_passes() {
    assert_eq!(code(&facts(), None), None);
    assert_eq!(code(&facts(), Some(&TenantPolicies::default())), None);
}

#[test]
fn a_feature_of_an_app_that_is_off_has_its_own_code() {
    let on = |channel, app: &App| code(&Facts { channel, app: Some(app), ..facts() }, None);
    let off = app(false, false, Status::Live);
    assert_eq!([on(Channel::Rt, &off), on(Channel::Push, &off)], [Some(7117), Some(7118)]);
    let all = app(true, true, Status::Live);
    assert_eq!([on(Channel::Rt, &all), on(Channel::Push, &all)], [None, None]);
    assert_eq!(on(Channel::Push, &app(true, true, Status::Suspended)), Some(7106));
}

#[test]
fn an_inactive_recipient_and_an_unverified_one_have_their_codes() {
    let with = |active, verified| Facts { recipient: Some(Recipient { active, verified }), ..facts() };
    let trial = tenant(|tenant| tenant.verified_only = true);
    assert_eq!(code(&with(false, true), None), Some(7110));
    assert_eq!(code(&with(true, false), None), None);
    assert_eq!(code(&with(true, false), Some(&trial)), Some(7116));
    assert_eq!(code(&with(true, true), Some(&trial)), None);
    assert_eq!(code(&facts(), Some(&trial)), Some(7116));
}

#[test]
fn a_text_may_have_as_many_characters_as_the_contract_allows_not_bytes() {
    let text = "é".repeat(TEXT_MAX);
    assert_eq!(code(&Facts { text: Some(&text), ..facts() }, None), None);
    let text = "é".repeat(TEXT_MAX + 1);
    assert_eq!(code(&Facts { text: Some(&text), ..facts() }, None), Some(7107));
}

const TEXT_MAX: usize = crate::rules::TEXT_CHARS_MAX;

#[test]
fn a_spam_phrase_of_either_list_refuses_and_the_switch_comes_first() {
    let mut platform = WordList::default();
    platform.add(Phrase::parse("Hello").unwrap());
    let note = refusal(&facts(), None, &platform).unwrap();
    assert_eq!(
        (note.code, note.line().as_str()),
        (Some(7111), "spam: a phrase of the platform's list: hello")
    );
    let off = tenant(|tenant| (tenant.switched_off, tenant.spam) = (true, platform.clone()));
    assert_eq!(code(&facts(), Some(&off)), Some(7008));
    let own = tenant(|tenant| tenant.spam = platform.clone());
    assert_eq!(code(&facts(), Some(&own)), Some(7111));
}

#[test]
fn an_sms_costs_by_segment_and_another_channel_by_message() {
    let number = Msisdn::parse("447700900123", PlusRule::Optional).unwrap();
    let mut rates = RatePlan::default();
    rates.set(Channel::Sms, "44", Money(5));
    rates.set(Channel::Push, "", Money(7));
    let tenant = tenant(|tenant| tenant.rates = rates);
    let price = |channel, number: Option<&Msisdn>, segments| {
        price(&Facts { channel, number, ..facts() }, &tenant, segments).map_err(|note| note.code)
    };
    assert_eq!(price(Channel::Sms, Some(&number), 3), Ok(Money(15)));
    assert_eq!(price(Channel::Push, None, 3), Ok(Money(7)));
    assert_eq!(price(Channel::Voice, Some(&number), 1), Err(Some(7115)));
}

#[test]
fn every_policy_code_is_an_outcome_of_the_catalogue() {
    use PolicyCode::*;
    let all = [
        ProfileOff,
        NoCredits,
        AppSuspended,
        TextTooLong,
        DoNotDisturb,
        RecipientInactive,
        Spam,
        SocialHours,
        NoRate,
        NotVerified,
        RtOff,
        PushOff,
    ];
    for code in all {
        let known = waypost_status::MessagingCode::by_code(code.code());
        assert!(known.count() > 0, "{code:?}");
    }
}
