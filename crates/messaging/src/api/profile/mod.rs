//! The Profile API v2 (spec 7): customers, app profiles, devices, results of queued batches.
//!
//! The `/resources/v1` paths of older samples lead to the same endpoints.

mod answer;
mod app;
mod code;
mod customer;
mod device;
mod gate;
pub(super) mod openapi;
mod query;
mod seams;
mod status;
mod write;

use axum::Router;
use axum::routing::{delete, get, post};

use super::state::MessagingState;

pub use seams::{
    AppStore, Batch, BatchOutcome, BatchRecord, DeviceDelete, Links, ProfileAsk, ProfileCaller, ProfileJob,
    ProfileWrite, ProfileWritten, Profiles, ProfilesFound, RecordOutcome, Render, ShownAttribute, ShownLink,
    ShownProfile, Switches,
};

/// Path of the customers.
pub const CUSTOMERS: &str = "/resources/v2/customerprofile";
/// Path of one customer.
pub const CUSTOMER: &str = "/resources/v2/customerprofile/{customerid}";
/// Path of the profiles of an app.
pub const APP_PROFILES: &str = "/resources/v2/customerappprofile/{appid}";
/// Path of a customer's profiles in an app.
pub const APP_PROFILE: &str = "/resources/v2/customerappprofile/{appid}/{customerid}";
/// Path of a user's device; `deviceid` in place of the user means any user.
pub const DEVICE: &str = "/resources/v2/customerappprofile/{appid}/{userid}/{deviceid}";
/// Path of the results of a queued batch.
pub const RESULTS: &str = "/resources/v2/profile/status/{transid}";
/// Records that are written while the client waits; of more the answer is `QUEUED` (spec 7.4).
pub const SYNCHRONOUS_MAX: usize = 10;

/// The routes, each with and without a slash at its end, of both versions.
pub(super) fn routes() -> Router<MessagingState> {
    let customers = || {
        post(customer::post::handle)
            .put(customer::put::handle)
            .get(customer::get::several)
            .delete(customer::delete::several)
    };
    let customer = || get(customer::get::one).delete(customer::delete::one);
    let profiles =
        || post(app::post::handle).put(app::put::handle).get(app::get::several).delete(app::delete::several);
    let profile = || get(app::get::one).delete(app::delete::one);
    let routes = [
        (CUSTOMERS, customers()),
        (CUSTOMER, customer()),
        (APP_PROFILES, profiles()),
        (APP_PROFILE, profile()),
        (DEVICE, delete(device::delete::handle)),
        (RESULTS, get(status::get::handle)),
    ];
    let mut router = Router::new();
    for (path, methods) in routes {
        for path in [path.to_owned(), path.replace("/v2/", "/v1/")] {
            router = router.route(&format!("{path}/"), methods.clone()).route(&path, methods.clone());
        }
    }
    router
}
