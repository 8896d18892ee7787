//! `channels.push` (spec 3.6).

use super::extras::{self, Platform};
use super::interactive::{self, Surface};
use super::{priority_of_five, require};
use crate::rules::missing::Missing;
use crate::rules::node::{Checked, Node};

/// The browsers of web push.
const BROWSERS: [&str; 3] = ["chrome", "safari", "firefox"];
/// `platform_types`, and as one page of the contract spells it.
pub(super) const PLATFORM_TYPES: [&str; 2] = ["platform_types", "platorm_types"];

/// Checks the block.
pub(super) fn check(block: &Node<'_>, templated: bool) -> Checked {
    let platform = |name| block.get(name).map(Node::into_object).transpose();
    let (android, ios, web) = (platform("android")?, platform("ios")?, platform("web")?);
    require(templated || android.is_some() || ios.is_some() || web.is_some(), Missing::PushPlatform)?;
    for (given, missing) in [(&android, Missing::AndroidText), (&ios, Missing::IosText)] {
        if let Some(platform) = given {
            require(platform.text("text")?.is_some() || templated, missing)?;
        }
    }
    if let Some(web) = &web
        && web.text("text")?.is_none()
        && !templated
    {
        return Err(web.absent("text", "mandatory"));
    }
    for platform in [&android, &ios, &web].into_iter().flatten() {
        platform.texts(&["title"])?;
    }
    if let Some(android) = &android {
        priority_of_five(android)?;
        extras::check(android, "extras", Platform::Android)?;
    }
    if let Some(ios) = &ios {
        extras::check(ios, "extras", Platform::Ios)?;
    }
    if let Some(web) = &web {
        browser(web)?;
    }
    block.get("interactive").map_or(Ok(()), |buttons| interactive::check(buttons, Surface::Push))
}

fn browser(web: &Node<'_>) -> Checked {
    web.urls(&["url"])?;
    web.texts(&["actiontext"])?;
    for name in PLATFORM_TYPES {
        let Some(types) = web.items(name)? else { continue };
        let unknown = types
            .at_most(BROWSERS.len())?
            .iter()
            .find(|item| item.value().as_str().is_none_or(|browser| !BROWSERS.contains(&browser)));
        if let Some(unknown) = unknown {
            return Err(unknown.wrong("chrome, safari or firefox"));
        }
    }
    extras::check(web, "extras", Platform::Web)
}
